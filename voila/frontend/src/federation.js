/* Widgets that ship as JupyterLab's federated extensions. */
export async function load(module) {
  throw new Error(`widgets of ${module} can't be shown here`);
}
