// The film before it is made: cards and clips one after the other, in the frame that it will have.

import { all, maybe, one } from "./dom.js";

/** @typedef {{name: string, seconds: number, card?: string, src?: string, poster?: string}} Piece */

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
    this.timer = 0;
    this.isPlaying = false;
    /** @type {(playing: boolean) => void} */
    this.changed = () => {};
    for (const film of this.films) film.addEventListener("ended", () => this.isPlaying && this.show(this.at + 1));
  }

  /**
   * What there is to show now. What is on the stage stays there when it still is.
   * @param {Piece[]} pieces
   * @param {string} aspect
   */
  set(pieces, aspect) {
    const name = this.pieces[this.at]?.name;
    const before = JSON.stringify(this.pieces[this.at]);
    this.pieces = pieces;
    this.stage.dataset.aspect = aspect;
    const at = Math.max(0, pieces.findIndex((piece) => piece.name === name));
    if (this.isPlaying) return;
    if (at !== this.at || JSON.stringify(pieces[at]) !== before) this.show(at, false);
  }

  /** @param {string} name */
  showOnly(name) {
    this.stop();
    const at = this.pieces.findIndex((piece) => piece.name === name);
    if (at >= 0) this.show(at);
  }

  play() {
    this.isPlaying = true;
    this.changed(true);
    this.show(0);
  }

  stop() {
    clearTimeout(this.timer);
    this.isPlaying = false;
    this.changed(false);
    for (const film of this.films) film.pause();
  }

  /**
   * @param {number} at
   * @param {boolean} [moving] whether a clip plays, or is only seen
   */
  show(at, moving = true) {
    clearTimeout(this.timer);
    const piece = this.pieces[at];
    if (!piece) {
      this.stop();
      if (this.pieces.length) this.show(0, false);
      return;
    }
    this.at = at;
    for (const button of all("[data-show]", this.root)) button.setAttribute("aria-current", String(button.dataset.show === piece.name));
    one("[data-stage-empty]", this.stage).hidden = true;
    this.back.hidden = !piece.src;
    if (piece.poster) this.back.src = piece.poster;
    if (piece.src) this.showClip(piece, moving);
    else this.showCard(piece);
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
    if (this.isPlaying) this.timer = window.setTimeout(() => this.show(this.at + 1), piece.seconds * 1000);
  }

  /**
   * Two players take turns, so that the next clip is there when its turn comes.
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
    // Under the film, which is empty until its first picture is there.
    this.card.src = piece.poster ?? "";
    this.card.hidden = false;
    // Refused where a browser lets nothing play unasked; the first picture shows then.
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
    film.poster = piece.poster ?? "";
    film.src = piece.src;
  }
}

/**
 * The clips of the board, in their order.
 * @param {ParentNode} board
 * @returns {Piece[]}
 */
export function clipsOf(board) {
  return all("[data-clip-id]", board).map((item) => ({
    name: item.dataset.clipId ?? "",
    seconds: Number(item.dataset.duration),
    src: item.dataset.src,
    poster: maybe("img", item)?.getAttribute("src") ?? "",
  }));
}
