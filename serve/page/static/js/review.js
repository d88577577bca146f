import { ActiveClock } from "./clock.js";
import { Actions } from "./actions.js";
import { CaretMode } from "./caret.js";
import { Cards } from "./cards.js";
import { CodeSets } from "./codes.js";
import { Coded } from "./coded.js";
import { EvidenceMap } from "./evidence.js";
import { Marks } from "./marks.js";
import { NotePane } from "./note-pane.js";
import { Outline } from "./outline.js";
import { Picker } from "./picker.js";
import { Presence } from "./presence.js";
import { ReviewState } from "./review-state.js";
import { SaveState } from "./save-state.js";
import { Titles } from "./titles.js";
import { actionOf } from "./keys.js";
import { announce, refuse, trouble, watchFaults } from "./live.js";
import { concernList } from "./card.js";
import { bindDialogs } from "./dialogs.js";
import { byId } from "./dom.js";
import { fillHelp } from "./help.js";
import { openNote } from "./opening.js";

/** The page of one note: its parts, and how they speak to one another. */
class Review {
  constructor(note, owner) {
    this.note = note;
    this.inpatient = note.setting === "inpatient";
    /** What the first diagnosis is called: outpatient claims have no principal one. */
    this.lead = note.setting === "outpatient" ? "first-listed" : "principal";
    this.codeSets = new CodeSets(note.service_date);
    this.titles = new Titles([...note.suggestions, ...note.rejected], this.codeSets);
    this.state = new ReviewState(note, { owner, clock: new ActiveClock() });
    this.evidence = new EvidenceMap(note.text, note.suggestions, note.rejected);
    this.pane = new NotePane(byId("note"), note.text, note.language);
    this.caret = new CaretMode(this.pane, byId("caret"));
    this.marks = new Marks(this.pane, this.evidence, { found: byId("found") });
    this.cards = new Cards(note, this, (card) => this.marks.of(card));
    this.coded = new Coded({
      title: (code) => this.titles.of(code),
      onOrder: (order) => this.state.act({ kind: "sequence", order }),
      onSelect: (code) => this.cards.select(this.cards.card(code), { focus: false }),
    });
    this.outline = new Outline(this.pane, this.evidence, note.sections);
    this.picker = new Picker(this.codeSets);
    this.actions = new Actions(this);
    this.saving = new SaveState(this);
    this.state.addEventListener("change", () => this.render());
    this.titles.addEventListener("change", () => this.render());
    this.#listen();
    byId("blinded").hidden = !note.blinded;
    byId("note-name").textContent = note.note_id;
    byId("facts").textContent = [note.note_type, note.setting, note.service_date, note.payer].filter(Boolean).join(" · ");
    byId("basis").textContent = basis(note.versions);
    byId("releases").textContent = releases(note.versions);
    byId("refused").hidden = !note.refused;
    byId("refused").textContent = note.refused;
    this.#stay();
    this.render();
    this.marks.paint();
    this.cards.select(this.cards.undecided() ?? this.cards.shown[0]);
  }

  /** Keep the claim while at work; leave when idle for too long. */
  #stay() {
    const leave = () => {
      this.state.outbox.stays = true;
      byId("logout").submit();
    };
    const idleMinutes = Number(document.body.dataset.idleMinutes);
    new Presence({ noteId: this.note.id, idleMinutes, leave, lost: (problem) => trouble(problem.message) });
  }

  /** Why nothing can be decided now; empty where it can. */
  get closed() {
    if (this.note.refused) return this.note.refused;
    return this.state.view.status === "complete" ? "The note is complete: reopen it to change it." : "";
  }

  render() {
    const { view } = this.state;
    const held = document.activeElement;
    this.cards.update(view);
    this.coded.update(view, this);
    const all = [...this.cards.cards.values()].filter((c) => !c.element.closest("#found") && !c.item.hidden);
    const decided = all.filter((c) => c.element.dataset.status !== "suggested");
    byId("progress").textContent = `${decided.length} of ${all.length} decided`;
    byId("undo").disabled = !this.state.canUndo;
    byId("redo").disabled = !this.state.canRedo;
    const complete = view.status === "complete";
    document.body.dataset.status = view.status;
    byId("complete").hidden = complete;
    byId("reopen").hidden = byId("next").hidden = !complete;
    this.#comments(view.comments);
    this.#concerns(view.concerns);
    this.saving.render();
    this.#keepFocus(held);
  }

  /** A button that is pressed and gone takes the focus with it: it goes to the code at hand. */
  #keepFocus(held) {
    if (held.matches("header button") && (held.disabled || !held.checkVisibility())) this.actions.run("to-suggestions");
  }

  /** What stands against the codes together, as the server found when they were last saved. */
  #concerns(concerns) {
    const place = byId("coded-concerns");
    place.hidden = !concerns.length;
    place.firstElementChild.textContent = concerns.length === 1 ? "! One concern" : `! ${concerns.length} concerns`;
    place.lastElementChild.replaceChildren(concernList(concerns));
  }

  #comments(comments) {
    byId("comments").replaceChildren(...comments.map((c) => {
      const item = document.createElement("li");
      item.textContent = c.code ? `${c.code.value}: ${c.comment}` : c.comment;
      return item;
    }));
  }

  #listen() {
    document.addEventListener("click", (event) => {
      const source = event.target.closest("[data-action]");
      if (source) this.actions.run(source.dataset.action, source);
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    byId("found").addEventListener("toggle", () => this.marks.paint());
    byId("note").addEventListener("click", (event) => {
      if (!getSelection().isCollapsed) return;
      const unit = this.pane.unitAt(event.clientX, event.clientY);
      if (unit !== null) this.codeAt(unit, { focus: false });
    });
    document.addEventListener("selectionchange", () => this.marks.offer());
  }

  #key(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input, textarea, select")) return;
    if (event.target.closest("#note") && this.caret.key(event)) {
      event.preventDefault();
      return;
    }
    if (this.#native(event)) return;
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    this.actions.run(action);
  }

  /** Enter on a button presses it; arrows in the note and the outline scroll. */
  #native(event) {
    if (event.key === "Enter" && !event.ctrlKey) return event.target.matches("button, summary, a, select");
    return event.key.startsWith("Arrow") && !event.altKey && !event.target.closest(".card, body:not(:focus-within)")
      && event.target !== document.body;
  }

  /** From a place in the note to the code it supports; again: to the next of several. */
  codeAt(unit, options) {
    const found = this.evidence.at(unit).map((piece) => this.cards.card(piece.code)).filter(Boolean);
    const cards = [...new Set(found)];
    if (!cards.length) {
      refuse("No evidence here.");
      return;
    }
    const next = cards[(cards.indexOf(this.cards.current) + 1) % cards.length];
    this.cards.select(next, options);
    const place = this.marks.pieces.findIndex((p) => p.start <= unit && unit < p.end);
    if (place >= 0) this.marks.go(place);
    announce(next.element.getAttribute("aria-label"));
  }
}

/** What the suggestions rest on, in a line. */
function basis({ convention, calibrated, model_version: model }) {
  return model ? `${convention} · ${calibrated ? "calibrated" : "probabilities not calibrated"}` : "";
}

const releases = ({ code_set_versions: sets = {} }) =>
  Object.entries(sets).map(([name, release]) => `${name} ${release}`).join(" · ");

async function open() {
  watchFaults();
  fillHelp();
  bindDialogs();
  try {
    const note = await openNote(document.body.dataset.noteId);
    new Review(note, document.body.dataset.user);
    document.body.dataset.ready = "yes";
    performance.mark("note-shown");
  } catch (problem) {
    trouble(problem.message);
  }
}

open();
