/* ipywidgets' views where they put HTML on the page: what kernels send goes through the sanitiser. */
import { CheckboxView, DescriptionView, HTMLMathView, HTMLView, StringView } from "@jupyter-widgets/controls";
import { dress, fill } from "./sanitize.js";

HTMLView.prototype.update = function () {
  fill(this.content, this.model.get("value"));
  return StringView.prototype.update.call(this);
};

HTMLMathView.prototype.update = function () {
  fill(this.content, this.model.get("value"));
  this.typeset(this.content);
  return StringView.prototype.update.call(this);
};

// Their HTML has gone through the manager's inline_sanitize; its styles could not stay in the text.
for (const View of [DescriptionView, CheckboxView]) {
  const update = View.prototype.updateDescription;
  View.prototype.updateDescription = function () {
    update.call(this);
    dress(this.el);
  };
}
