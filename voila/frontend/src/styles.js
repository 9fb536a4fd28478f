/* Inline styles of an author's HTML: the page's policy forbids the attribute, so what is harmless in it is set by
   script. Nothing may fetch, cover what isn't its own, or leave its place. */
import { ofStyle } from "./declarations.js";

/** Set on an element what is harmless in the text of a style attribute. */
export function style(element, text) {
  for (const [name, value] of ofStyle(text)) element.style.setProperty(name, value);
}
