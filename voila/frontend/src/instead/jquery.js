/* In the place of jQuery: ipywidgets calls it to wrap one element, for `view.$el`, and nothing else; the whole
   of it would be a fifth of the bundle. Backbone asks for it only in views that ipywidgets replaces by its own. */
export default function wrap(element) {
  return [element];
}
