/* Widgets that ship as JupyterLab's federated extensions (ipympl, bqplot): webpack's containers, which Voila serves
   from where pip has put them. They are classic scripts of this site: neither eval nor blob: is needed. */
import { dependencies as versions } from "../package.json";

const FOLDER = "/live/voila/labextensions/";
const NAME = /^(?:@[\w-]+\/)?[\w-][\w.-]*$/;

const containers = new Map(); // an extension's name -> a promise of `{container, extension}`
const loaded = new Map(); // a module's name -> a promise of its widgets
let scope = null; // webpack's share scope: name -> version -> how to get it; one for all

/** Give the widgets of a module, `{MPLCanvasModel, …}`; `shared` are the packages that all use together. */
export function load(name, shared) {
  scope ??= Object.fromEntries(Object.entries(shared).filter(([one]) => versions[one]).map(([one, module]) => (
    [one, { [versions[one]]: { get: async () => () => module, from: "live-cells", eager: true, loaded: 1 } }])));
  if (!loaded.has(name)) {
    const widgets = find(name, shared["@jupyter-widgets/base"]);
    widgets.catch(() => loaded.delete(name));
    loaded.set(name, widgets);
  }
  return loaded.get(name);
}

async function find(name, base) {
  const { container, extension } = await contained(name);
  const { default: plugins } = (await container.get(extension))();
  return registered(name, [plugins].flat(), base);
}

function contained(name) {
  if (!containers.has(name)) containers.set(name, initialised(name));
  return containers.get(name);
}

async function initialised(name) {
  if (!NAME.test(name)) throw new Error(`no module has the name ${name}`);
  const answer = await fetch(`${FOLDER}${name}/package.json`);
  if (!answer.ok) throw new Error(`there are no widgets of ${name} here`);
  const { jupyterlab: { _build: { load: entry, extension }, sharedPackages = {} } } = await answer.json();
  await run(`${FOLDER}${name}/${entry}`);
  const container = window._JUPYTERLAB?.[name];
  if (!container) throw new Error(`${name} has no container`);
  await container.init(scope);
  // What it doesn't bring and isn't here is an extension itself, and puts itself into the scope.
  const missing = Object.entries(sharedPackages).filter(([one, { bundled }]) => bundled === false && !scope[one]);
  await Promise.all(missing.map(([one]) => contained(one)));
  return { container, extension };
}

/** Let an extension register its widgets, as JupyterLab would. */
async function registered(name, plugins, { IJupyterWidgetRegistry: registry }) {
  const found = [];
  for (const plugin of plugins) {
    if (!plugin.requires?.includes(registry)) continue;
    // The one service that is here; who needs another isn't for a page.
    const services = plugin.requires.map(token => (
      token === registry ? { registerWidget: widgets => found.push(widgets) } : null));
    await plugin.activate(null, ...services);
  }
  const widgets = found.find(one => one.name === name);
  if (!widgets) throw new Error(`${name} registers no widgets`);
  return typeof widgets.exports === "function" ? widgets.exports() : widgets.exports;
}

function run(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${url} could not be loaded`));
    document.head.append(script);
  });
}
