// Shows the pieces of the film one by one, cards and clips, in the chosen format. The film itself is its draft.

import { all, maybe, one } from "./dom.js";

/**
 * @typedef {{name: string, seconds: number, card?: string, src?: string, poster?: string, fit?: string, isDrawn?: boolean}} Piece
 *   `fit`: how the clip fills the frame of the film; `isDrawn`: the service draws it now for this format
 */

const HAS_FRAME = 2;

export class Preview {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.stage = one("[data-stage-view]", root);
    this.card = /** @type {HTMLImageElement} */ (one("[data-card]", this.stage));
    this.back = /** @type {HTMLImageElement} */ (one("[data-back]", this.stage));
    this.films = [one("[data-a]", this.stage), one("[data-b]", this.stage)].map((film) => /** @type {HTMLVideoElement} */ (film));
    /** @type {Piece[]} */
    this.pieces = [];
    this.at = 0;
    for (const film of this.films) {
      for (const change of ["loadeddata", "error"]) film.addEventListener(change, () => this.showWait());
    }
  }

  /**
   * Sets the pieces. The current one stays on the stage if it still exists.
   * @param {Piece[]} pieces
   * @param {string} aspect
   */
  set(pieces, aspect) {
    const name = this.pieces[this.at]?.name;
    const before = JSON.stringify(this.pieces[this.at]);
    this.pieces = pieces;
    this.stage.dataset.aspect = aspect;
    const at = Math.max(0, pieces.findIndex((piece) => piece.name === name));
    if (at !== this.at || JSON.stringify(pieces[at]) !== before) this.show(at, false);
  }

  /** @param {string} name */
  showOnly(name) {
    this.stop();
    const at = this.pieces.findIndex((piece) => piece.name === name);
    if (at >= 0) this.show(at);
  }

  stop() {
    for (const film of this.films) film.pause();
  }

  /**
   * @param {number} at
   * @param {boolean} [moving] whether a clip plays or shows its first frame
   */
  show(at, moving = true) {
    const piece = this.pieces[at];
    if (!piece) return;
    this.at = at;
    for (const button of all("[data-show]", this.root)) button.setAttribute("aria-current", String(button.dataset.show === piece.name));
    one("[data-stage-empty]", this.stage).hidden = true;
    this.stage.dataset.fit = piece.fit ?? "cover";
    this.back.hidden = piece.fit !== "blur";
    if (piece.poster) this.back.src = piece.poster;
    if (piece.src) this.showClip(piece, moving);
    else this.showCard(piece);
    this.showWait();
  }

  /** Says that the service draws the clip. */
  showWait() {
    const film = this.films.find((each) => !each.hidden);
    const waits = Boolean(film && this.pieces[this.at]?.isDrawn && film.readyState < HAS_FRAME && !film.error);
    one("[data-stage-format]", this.stage).textContent = this.stage.dataset.aspect ?? "";
    one("[data-stage-wait]", this.stage).hidden = !waits;
  }

  /** @param {Piece} piece */
  showCard(piece) {
    this.card.src = piece.card ?? "";
    this.card.hidden = false;
    for (const film of this.films) {
      film.pause();
      film.hidden = true;
    }
    this.load(this.films[0], this.pieces[this.at + 1]);
  }

  /**
   * Two players alternate, so that the next clip is already loaded.
   * @param {Piece} piece
   * @param {boolean} moving
   */
  showClip(piece, moving) {
    const here = this.films.find((film) => film.dataset.src === piece.src) ?? this.films[0];
    const other = this.films[here === this.films[0] ? 1 : 0];
    this.load(here, piece);
    here.currentTime = 0;
    here.hidden = false;
    other.hidden = true;
    other.pause();
    // Behind the video, which is empty until its first frame is loaded.
    this.card.hidden = !piece.poster;
    if (piece.poster) this.card.src = piece.poster;
    // Rejected by browsers that block autoplay: the first frame shows.
    if (moving) here.play().catch(() => {});
    this.load(other, this.pieces[this.at + 1]);
  }

  /**
   * @param {HTMLVideoElement} film
   * @param {Piece | undefined} piece
   */
  load(film, piece) {
    if (!piece?.src || film.dataset.src === piece.src) return;
    film.dataset.src = piece.src;
    if (piece.poster) film.poster = piece.poster;
    else film.removeAttribute("poster");
    film.src = piece.src;
  }
}

/**
 * Returns the clips of the board in their order, as a film of this format shows them: clips that adreel draws fill every format,
 * those of hosted models have one.
 * @param {ParentNode} board
 * @param {{session: string, aspect: string, fit: string}} film
 * @returns {Piece[]}
 */
export function clipsOf(board, { session, aspect, fit }) {
  return all("[data-clip-id]", board).map((item) => {
    const name = item.dataset.clipId ?? "";
    const seconds = Number(item.dataset.duration);
    const poster = maybe("img", item)?.getAttribute("src") ?? "";
    if (item.dataset.shape === aspect) return { name, seconds, src: item.dataset.src, poster, fit: "cover" };
    if (item.dataset.drawn === "yes") return { name, seconds, src: `/s/${session}/preview/${name}?aspect=${encodeURIComponent(aspect)}`, fit: "cover", isDrawn: true };
    return { name, seconds, src: item.dataset.src, poster, fit };
  });
}
