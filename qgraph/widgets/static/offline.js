// A model without a kernel: it holds what Python last said, and says it again to a view that asks.
function offlineModel(state, replay) {
  const listeners = new Map();
  const tell = (event, ...values) => [...(listeners.get(event) ?? [])].forEach((listener) => listener(...values));
  const binary = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const deliver = (content, parts) => tell("msg:custom", content, parts.map(binary));
  return {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      tell(`change:${name}`);
    },
    save_changes: () => {},
    send: () => {},
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    off: (event, listener) => listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== listener)),
    deliver,
    heard: (event) => (listeners.get(event) ?? []).length,
    replay: () => replay.forEach(([content, parts]) => deliver(content, parts)),
  };
}
