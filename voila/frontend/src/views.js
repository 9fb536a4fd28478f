/* ipywidgets' views where a post's page asks more of them: HTML from kernels goes through the sanitiser, and a file
   that is chosen is a reader's act; and what is seen of a bar, a slider and a field for tags is heard. Layouts, styles
   and classes are those that the stills have, too. */
import { DOMWidgetView, LayoutView, StyleView } from "@jupyter-widgets/base";
import {
  CheckboxView, ColorsInputView, DescriptionView, FileUploadView, FloatLogSliderView, HTMLMathView, HTMLView,
  IntSliderView, ProgressView, RadioButtonsView, SelectionRangeSliderView, SelectionSliderView, StringView,
  TagsInputView,
} from "@jupyter-widgets/controls";
import { fits, mayWear } from "./declarations.js";
import { dress, fill } from "./sanitize.js";

const { handleChange: lay } = LayoutView.prototype;
LayoutView.prototype.handleChange = function (trait, value) {
  lay.call(this, trait, value != null && fits(this.css_name(trait), String(value)) ? value : null);
};

const { handleChange: dye } = StyleView.prototype;
StyleView.prototype.handleChange = function (trait, value) {
  const property = this.model.constructor.styleProperties[trait].attribute;
  dye.call(this, trait, value != null && fits(property, String(value)) ? value : null);
};

const { update_classes: wear } = DOMWidgetView.prototype;
DOMWidgetView.prototype.update_classes = function (before, now, element) {
  // What ipywidgets itself says of a state comes this way as well.
  const told = now === this.model.get("_dom_classes");
  wear.call(this, told ? before.filter(mayWear) : before, told ? now.filter(mayWear) : now, element);
};

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

// The element that the file is chosen by is never on the page, and choosing takes its time.
const render = FileUploadView.prototype.render;
FileUploadView.prototype.render = function () {
  render.call(this);
  this.fileInput.addEventListener("change", event => event.isTrusted && this.model.widget_manager.touched());
};

const bar = ProgressView.prototype.update;
ProgressView.prototype.update = function () {
  bar.call(this);
  const { progress, model } = this;
  progress.setAttribute("role", "progressbar");
  for (const [key, name] of [["min", "aria-valuemin"], ["max", "aria-valuemax"], ["value", "aria-valuenow"]]) {
    progress.setAttribute(name, model.get(key));
  }
  progress.setAttribute("aria-label", this.label?.textContent.trim() || "Progress");
};

// noUiSlider says the number that it counts by: an exponent, or an option's place.
for (const View of [IntSliderView, FloatLogSliderView, SelectionSliderView]) {
  says(View, ({ readout }) => readout.textContent);
}
says(SelectionRangeSliderView, ({ model }, place) => model.get("_options_labels")[place]);

function says(View, words) {
  const { handleSliderUpdateEvent: update } = View.prototype;
  View.prototype.handleSliderUpdateEvent = function (values, number) {
    update.call(this, values, number);
    for (const [place, thumb] of this.$slider.querySelectorAll("[role=slider]").entries()) {
      thumb.ariaValueText = words(this, Math.round(values[place]));
    }
  };
}

// Without a name each is a choice by itself, and in Firefox the arrow keys lead from none to another.
const radios = RadioButtonsView.prototype.update;
RadioButtonsView.prototype.update = function (options) {
  radios.call(this, options);
  for (const radio of this.container.querySelectorAll("input")) radio.name = this.cid;
};

// What a field takes.
for (const View of [TagsInputView, ColorsInputView]) {
  const { render: draw } = View.prototype;
  View.prototype.render = function () {
    draw.call(this);
    const { name } = this.model;
    this.taginput.ariaLabel = name.startsWith("Tags") ? "Another tag"
      : name.startsWith("Colors") ? "Another colour" : "Another number";
  };
}
