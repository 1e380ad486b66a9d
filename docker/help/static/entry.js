// JupyterLab loads this file as it is. The plugin needs no package, so it needs no bundler.
(() => {
  const plugin = {
    id: "@qgraph/help:plugin",
    autoStart: true,
    activate: (app) => {
      app.commands.addCommand("qgraph:documentation", {
        label: "qgraph Documentation",
        caption: "Lessons, how-tos and reference, without a network",
        execute: () => {
          const { baseUrl } = JSON.parse(document.getElementById("jupyter-config-data").textContent);
          window.open(new URL(`${baseUrl}qgraph/docs/`, location.origin), "_blank", "noopener");
        },
      });
    },
  };
  // What a container of webpack's module federation offers.
  const container = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
  window._JUPYTERLAB = { ...window._JUPYTERLAB, "@qgraph/help": container };
})();
