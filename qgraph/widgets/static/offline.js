// A model for pages without Python. It holds the last state and repeats the last messages.
function offlineModel(state, replay) {
  const listeners = new Map();
  const heardBy = (event) => listeners.get(event) ?? [];
  const tell = (event, ...values) => {
    for (const listener of [...heardBy(event)]) listener(...values);
  };
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
    on: (event, listener) => listeners.set(event, [...heardBy(event), listener]),
    off: (event, listener) => {
      const others = heardBy(event).filter((other) => other !== listener);
      listeners.set(event, others);
    },
    deliver,
    heard: (event) => heardBy(event).length,
    replay: () => {
      for (const [content, parts] of replay) deliver(content, parts);
    },
  };
}

export { offlineModel };
