/* Results: what a reader's change made the kernel send, counted when it is on the page. */

const RESULTS = new Set(["display_data", "update_display_data", "execute_result", "stream"]);

export class Results {
  #session;
  #shown;
  #come = new Map(); // message id -> what has come of it

  /** `shown(failed, id)` is called for each result of the message `id`; `failed` where the notebook raised an error. */
  constructor(session, shown) {
    this.#session = session;
    this.#shown = shown;
  }

  /** Look at a message of the kernel's that has been handled. */
  see({ header, parent_header: asked, content }) {
    if (asked.msg_type !== "comm_msg" || asked.session !== this.#session) return;
    const come = this.#come.get(asked.msg_id) ?? { result: false, error: false };
    this.#come.set(asked.msg_id, come);
    if (header.msg_type === "error") come.error = true;
    else if (RESULTS.has(header.msg_type) || isNews(header.msg_type, content.data)) come.result = true;
    else if (header.msg_type === "status" && content.execution_state === "idle") {
      this.#come.delete(asked.msg_id);
      if (come.error || come.result) this.#shown(come.error, asked.msg_id);
    }
  }
}

/** A widget's new state, or a message of its own; not the echo of the reader's change, nor an Output taking over. */
const isNews = (type, data) => type === "comm_msg"
  && (data?.method === "custom" || (data?.method === "update" && Object.keys(data.state).some(key => key !== "msg_id")));

/** Resolves when what was last put on the page has been painted. */
export async function painted(elements) {
  const images = elements.flatMap(element => [...element.querySelectorAll("img")]).filter(image => image.src);
  await Promise.allSettled(images.map(image => image.decode()));
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}
