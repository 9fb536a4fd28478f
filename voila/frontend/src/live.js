/* The entry: what site/blog/static/js/live-cell.js imports. */
import { Post } from "./post.js";

const posts = new Map();

/** Give the live cells of a notebook; all on a page share one. `asked` is the answer to who has asked for its state
    already. See Post.open(). */
export function open(notebook, token, asked) {
  if (!posts.has(notebook)) {
    const opened = Post.open(notebook, token, asked);
    opened.catch(() => posts.delete(notebook));
    posts.set(notebook, opened);
  }
  return posts.get(notebook);
}
