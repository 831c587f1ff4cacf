// In: a caller's list or one item, whatever they are. Out: columns of plain numbers and bytes for wasm.
// Reads each property once, inside try: a getter or Proxy that throws costs its candidate, not the call.
// Must never throw for what it reads, and never call wasm.

/** Positions of a list that are looked at: past this even an answer in input order is no use. */
const MOST_POSITIONS = 1_000_000;

/** The caller's own objects, read once; `[]` with a warning for what is not a list. */
export function copyList(list, warnings) {
  let length;
  try {
    if (!Array.isArray(list)) {
      warnings.add('candidates/not-array', 'candidates', 'The candidates are not an array: an empty list was ranked.');
      return [];
    }
    length = list.length;
  } catch {
    length = -1;
  }
  if (!Number.isSafeInteger(length) || length < 0) {
    warnings.add('candidates/unreadable', 'candidates', 'The candidates could not be read: an empty list was ranked.');
    return [];
  }
  if (length > MOST_POSITIONS) {
    warnings.add('candidates/cut', 'candidates', `Only the first ${MOST_POSITIONS} of ${length} candidates were looked at.`);
    length = MOST_POSITIONS;
  }
  const items = new Array(length);
  for (let i = 0; i < length; i += 1) {
    try {
      items[i] = list[i];
    } catch {
      items[i] = undefined; // said by the packer: it is not an object
    }
  }
  return items;
}

/** A candidate's or event's id as text; `null` if it is no id. */
export function idText(id) {
  if (typeof id === 'string') return id === '' ? null : id;
  return typeof id === 'number' && Number.isFinite(id) ? String(id) : null;
}

/** Whether it is a number that survives as f32. Not the number itself: a call that gives one may allocate it. */
function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(Math.fround(value));
}

/** Numeric fields of the first `count` items, one row an item; NaN for what is absent or no number. */
export function fieldRows(items, count, names, warnings) {
  const rows = new Float32Array(count * names.length).fill(NaN);
  for (let i = 0; i < count; i += 1) {
    for (const [f, name] of names.entries()) {
      let value;
      try {
        const { fields } = items[i];
        value = fields != null && Object.hasOwn(fields, name) ? fields[name] : undefined;
      } catch { /* said when the list was read, or absent */ }
      if (value == null) continue;
      if (isNumber(value)) rows[i * names.length + f] = value;
      else warnings.add('candidate/bad-number', `candidates[${i}].fields.${name}`, 'The value is not a finite number and counts as absent.');
    }
  }
  return rows;
}

/** Packs items into columns; its buffers are reused, so the columns live until the next `pack`. */
export class Packer {
  #encoder = new TextEncoder();
  #limits;
  #names;
  #vectors;
  #text = new Uint8Array(1 << 12);
  #at = 0;
  #lengths = new Uint32Array(64);
  #strings = 0;
  #numbers = new Uint32Array(64);
  #tagged = 0;
  #distinct = 0;
  #known = new Map(); // tags by their strings: of this list and some before it
  #list = 0;
  #metIn = new Uint32Array(64); // the list in which a known tag was met last
  #numberOf = new Uint32Array(64); // its number there
  #ids = [];
  #buffers = {};
  #warnings;
  #place;

  /** `vectors` is what the model says of server vectors; null if it reads none. */
  constructor(limits, names, vectors = null) {
    this.#limits = limits;
    this.#names = names;
    this.#vectors = vectors;
  }

  /**
   * The first `count` of `items`. `place(i)` is the path that a warning about item `i` names.
   * `ids[i]` is null where an item could not be read: it then carries an id that no caller can use.
   */
  pack(items, count, warnings, place = (i) => `candidates[${i}]`) {
    const given = this.#vectors ? count : 0;
    // Not made anew for each list: that would be most of what a collector has to do. It goes once most of its
    // strings are of lists before the last.
    if (this.#known.size > 2 * this.#distinct + 64) this.#known.clear();
    this.#ids.length = count;
    this.#list += 1;
    const columns = {
      tagCounts: this.#column('tagCounts', Uint32Array, count, 0),
      scores: this.#column('scores', Float32Array, count, NaN),
      fields: this.#column('fields', Float32Array, count * this.#names.length, NaN),
      vectors: this.#column('vectors', Int8Array, given * (this.#vectors?.width ?? 0), 0),
      given: this.#column('given', Uint8Array, given, 0),
      ids: this.#ids,
    };
    this.#at = this.#strings = this.#tagged = this.#distinct = 0;
    this.#warnings = warnings;
    this.#place = place;
    for (let i = 0; i < count; i += 1) this.#one(items[i], i, columns);
    columns.tags = this.#numbers.subarray(0, this.#tagged);
    columns.text = this.#text.subarray(0, this.#at);
    columns.lengths = this.#lengths.subarray(0, this.#strings);
    return columns;
  }

  /** A column of so many values; the buffer behind it is reused: an engine's collector pays for each new one. */
  #column(name, Column, length, absent) {
    if (!(this.#buffers[name]?.length >= length)) this.#buffers[name] = new Column(Math.max(64, length));
    return this.#buffers[name].subarray(0, length).fill(absent);
  }

  #one(candidate, i, columns) {
    const id = this.#id(candidate, i);
    columns.ids[i] = id;
    if (id === null) {
      this.#write(`\u0000unreadable:${i}`, this.#limits.id_bytes);
      this.#write('', 0);
      return;
    }
    let title;
    try { title = candidate.title; } catch { this.#unreadable(i, '.title'); }
    if (typeof title !== 'string') {
      if (title != null) this.#warn('candidate/not-text', i, '.title', 'The title is not a string and was left out.');
      title = '';
    }
    if (!this.#write(title, this.#limits.title_bytes)) {
      this.#warn('candidate/truncated', i, '.title', `The title was cut at ${this.#limits.title_bytes} bytes.`);
    }
    let tags;
    try { tags = candidate.tags; } catch { this.#unreadable(i, '.tags'); }
    if (tags != null) columns.tagCounts[i] = this.#tags(tags, i);

    let score;
    try { score = candidate.score; } catch { this.#unreadable(i, '.score'); }
    if (score != null) {
      if (isNumber(score)) columns.scores[i] = score;
      else this.#badNumber(i, '.score');
    }

    let fields;
    try { fields = candidate.fields; } catch { this.#unreadable(i, '.fields'); }
    if (fields != null) this.#fields(fields, i, columns.fields);

    if (this.#vectors) this.#vector(candidate, i, columns);
  }

  /** A vector of another basis, or one that is not whole, counts as none: the text stands in. */
  #vector(candidate, i, { vectors, given }) {
    const { basis, width } = this.#vectors;
    let vector, own;
    try { vector = candidate.vector; own = vector == null ? null : candidate.basis; } catch { this.#unreadable(i, '.vector'); }
    if (vector == null) return;
    if (own !== basis) {
      const of = typeof own === 'string' ? JSON.stringify(own.slice(0, 64)) : 'no named basis';
      this.#warn('candidate/other-basis', i, '.vector', `The vector is of ${of}, the model reads "${basis}": it was left out, title and tags stand in.`);
      return;
    }
    const row = i * width;
    try {
      const plain = Array.isArray(vector) || vector instanceof Int8Array;
      if (plain && vector.length === width) {
        let whole = true;
        for (let v = 0; v < width; v += 1) {
          const number = vector[v];
          if (!Number.isInteger(number) || number < -128 || number > 127) { whole = false; break; }
          vectors[row + v] = number;
        }
        if (whole) { given[i] = 1; return; }
        vectors.fill(0, row, row + width);
      }
    } catch { vectors.fill(0, row, row + width); this.#unreadable(i, '.vector'); return; }
    this.#warn('candidate/bad-vector', i, '.vector', `The vector is not ${width} whole numbers of -128 to 127 and was left out.`);
  }

  #id(candidate, i) {
    if (candidate === null || typeof candidate !== 'object') {
      this.#warn('candidate/unreadable', i, '', 'The candidate is not an object or could not be read; it keeps a place.');
      return null;
    }
    let id;
    try { id = candidate.id; } catch { this.#unreadable(i, '.id'); return null; }
    const text = idText(id);
    if (text === null) {
      this.#warn('candidate/bad-id', i, '.id', 'The id is not a non-empty string or a finite number; the candidate keeps a place.');
      return null;
    }
    const start = this.#at;
    if (this.#write(text, this.#limits.id_bytes)) return text;
    this.#at = start;
    this.#strings -= 1;
    this.#warn('candidate/bad-id', i, '.id', `The id is longer than ${this.#limits.id_bytes} bytes; the candidate keeps a place.`);
    return null;
  }

  #tags(tags, i) {
    let length;
    try { length = Array.isArray(tags) ? tags.length : -1; } catch { length = -1; }
    if (!Number.isSafeInteger(length) || length < 0) {
      this.#warn('candidate/bad-tags', i, '.tags', 'The tags are not a readable array and were left out.');
      return 0;
    }
    if (length > this.#limits.tags) {
      this.#warn('candidate/truncated', i, '.tags', `Only the first ${this.#limits.tags} tags were read.`);
      length = this.#limits.tags;
    }
    if (this.#tagged + length > this.#numbers.length) this.#numbers = grown(this.#numbers, this.#tagged + length);
    const most = this.#limits.tag_bytes;
    const known = this.#known;
    const numbers = this.#numbers;
    const list = this.#list;
    let at = this.#tagged;
    for (let t = 0; t < length; t += 1) {
      let tag;
      try { tag = tags[t]; } catch { this.#unreadable(i, `.tags[${t}]`); continue; }
      if (typeof tag !== 'string') {
        this.#warn('candidate/not-text', i, `.tags[${t}]`, 'The tag is not a string and was left out.');
        continue;
      }
      const place = tag.length <= most ? known.get(tag) : undefined;
      numbers[at] = place !== undefined && this.#metIn[place] === list ? this.#numberOf[place] : this.#newTag(tag, i, t, place);
      at += 1;
    }
    const kept = at - this.#tagged;
    this.#tagged = at;
    return kept;
  }

  /** A tag crosses as a number, its string once a list: the same few come with most items. */
  #newTag(tag, i, t, known) {
    const [number, most] = [this.#distinct, this.#limits.tag_bytes];
    this.#distinct += 1;
    if (!this.#write(tag, most)) {
      // Said each time, so it is written each time.
      this.#warn('candidate/truncated', i, `.tags[${t}]`, `The tag was cut at ${most} bytes.`);
      return number;
    }
    const place = known ?? this.#known.size;
    if (known === undefined) this.#known.set(tag, place);
    if (place >= this.#metIn.length) [this.#metIn, this.#numberOf] = [grown(this.#metIn, place + 1), grown(this.#numberOf, place + 1)];
    this.#metIn[place] = this.#list;
    this.#numberOf[place] = number;
    return number;
  }

  #fields(fields, i, column) {
    if (typeof fields !== 'object') {
      this.#warn('candidate/bad-fields', i, '.fields', 'The fields are not an object and were left out.');
      return;
    }
    const row = i * this.#names.length;
    for (let f = 0; f < this.#names.length; f += 1) {
      const name = this.#names[f];
      let value;
      // Own properties only: a field called `constructor` must not find Object's.
      try { value = Object.hasOwn(fields, name) ? fields[name] : undefined; } catch { this.#unreadable(i, `.fields.${name}`); }
      if (value == null) continue;
      if (isNumber(value)) column[row + f] = value;
      else this.#badNumber(i, `.fields.${name}`);
    }
  }

  #badNumber(i, where) {
    this.#warn('candidate/bad-number', i, where, 'The value is not a finite number and counts as absent.');
  }

  #unreadable(i, where) {
    this.#warn('candidate/unreadable', i, where, 'Reading it threw; it counts as absent.');
  }

  #warn(code, i, where, message) {
    this.#warnings.add(code, this.#place(i) + where, message);
  }

  /** Appends a string of at most `most` bytes of UTF-8, cut between characters; false if it was cut. */
  #write(string, most) {
    const start = this.#at;
    if (start + most > this.#text.length) this.#text = grown(this.#text, start + most);
    const bytes = this.#text;
    const short = Math.min(string.length, most);
    let i = 0;
    // Most text is ASCII, and a loop is several times faster than one encoder call a string.
    for (; i < short; i += 1) {
      const unit = string.charCodeAt(i);
      if (unit > 0x7f) break;
      bytes[start + i] = unit;
    }
    let end = start + i;
    let whole = i === string.length;
    if (i < short) {
      // One unit encodes to at most three bytes, so this much of a 10 MB string says all that fits.
      const rest = string.slice(i, i + most + 1);
      const { read, written } = this.#encoder.encodeInto(rest, bytes.subarray(end, start + most));
      end += written;
      whole = read === string.length - i;
    }
    if (this.#strings === this.#lengths.length) this.#lengths = grown(this.#lengths, this.#strings + 1);
    this.#lengths[this.#strings] = end - start;
    this.#strings += 1;
    this.#at = end;
    return whole;
  }
}

function grown(column, least) {
  const larger = new column.constructor(Math.max(least, column.length * 2));
  larger.set(column);
  return larger;
}

/** Columns that outlive their packer's next use. */
export function keep(columns) {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice()]));
}
