import { dotnetNumber } from './dotnet-number';
import { pathOf, type Place } from './json-place';

export type JsonToken =
  | { kind: 'begin'; of: Place['kind'] }
  | { kind: 'end'; of: Place['kind'] }
  | { kind: 'name'; name: string }
  /** As Json.NET writes it anew. */
  | { kind: 'value'; text: string };

/** What Json.NET throws: the message says where, `type` is the .NET exception's. */
export class JsonRefusal extends Error {
  constructor(
    message: string,
    readonly type: `Newtonsoft.Json.${string}`,
  ) {
    super(message);
  }
}

/** Json.NET refuses what is nested deeper. */
export const mostNested = 64;
const isSpace = (sign: string): boolean => /^[\s\u0085]$/.test(sign);
const isWord = (sign: string): boolean => /^[\p{L}\p{Nd}_$]$/u.test(sign);
const escapes: Record<string, string> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '\\': '\\', '"': '"', "'": "'", '/': '/' };

/**
 * Json.NET's reader of JSON texts: it takes more than JSON (single quotes, names without quotes, comments, a comma too many, NaN), and its errors say at which
 * sign. `new Date(…)` is not taken here.
 */
export class JsonReader {
  private at = 0;
  private line = 1;
  private lineStart = 0;
  private state: 'start' | 'begun' | 'next' | 'named' | 'valued' | 'finished' = 'start';
  private readonly places: Place[] = [];

  constructor(private readonly text: string) {}

  /** How deep it stands. */
  get depth(): number {
    return this.places.length;
  }

  /** The next token; undefined at the end of the text. @throws JsonRefusal */
  read(): JsonToken | undefined {
    for (;;) {
      if (this.state === 'finished') return this.afterAll();
      if (this.state === 'valued') {
        const end = this.afterValue();
        if (end !== 'comma') return end;
      }
      this.skip();
      if (this.isOver) return undefined;
      if (this.state !== 'start' && this.state !== 'named' && this.places.at(-1)?.kind === 'Object') {
        return this.sign === '}' ? this.end('Object') : this.property();
      }
      return this.value();
    }
  }

  refusal(text: string, type: JsonRefusal['type'] = 'Newtonsoft.Json.JsonReaderException'): JsonRefusal {
    const path = pathOf(this.places, this.state !== 'begun');
    const line = this.state === 'start' && this.at === this.lineStart ? 0 : this.line;
    return new JsonRefusal(`${text} Path '${path}', line ${line}, position ${this.at - this.lineStart}.`, type);
  }

  private get isOver(): boolean {
    return this.at >= this.text.length;
  }

  /** The sign that is next; NUL at the end, as there. */
  private get sign(): string {
    return this.text[this.at] ?? '\0';
  }

  /** Past spaces, line ends and comments. */
  private skip(): void {
    while (!this.isOver) {
      if (this.sign === '/') this.comment();
      else if (isSpace(this.sign)) this.step();
      else return;
    }
  }

  /** Past one sign, or one end of a line. */
  private step(): void {
    const { sign } = this;
    this.at += this.text.startsWith('\r\n', this.at) ? 2 : 1;
    if (sign !== '\r' && sign !== '\n') return;
    this.line += 1;
    this.lineStart = this.at;
  }

  private comment(): void {
    this.at += 1;
    if (this.at + 1 >= this.text.length) throw this.refusal('Unexpected end while parsing comment.');
    const isLine = this.sign === '/';
    if (!isLine && this.sign !== '*') throw this.refusal(`Error parsing comment. Expected: *, got ${this.sign}.`);
    this.at += 1;
    while (!this.text.startsWith(isLine ? '\n' : '*/', this.at)) {
      if (this.isOver && isLine) return;
      if (this.isOver) throw this.refusal('Unexpected end while parsing comment.');
      this.step();
    }
    if (!isLine) this.at += 2;
  }

  private afterAll(): undefined {
    this.skip();
    if (!this.isOver) throw this.refusal(`Additional text encountered after finished reading JSON content: ${this.sign}.`);
    return undefined;
  }

  private afterValue(): JsonToken | undefined | 'comma' {
    this.skip();
    const { sign } = this;
    if (this.isOver) {
      this.state = 'finished';
      return undefined;
    }
    if (sign === '}') return this.end('Object');
    if (sign === ']') return this.end('Array');
    if (sign !== ',') throw this.refusal(`After parsing a value an unexpected character was encountered: ${sign}.`);
    this.at += 1;
    this.state = 'next';
    return 'comma';
  }

  private end(of: Place['kind']): JsonToken {
    this.at += 1;
    const left = this.places.pop();
    if (left?.kind !== of) {
      this.state = 'next';
      throw this.refusal(`JsonToken End${of} is not valid for closing JsonType ${left?.kind ?? 'None'}.`);
    }
    this.state = this.places.length > 0 ? 'valued' : 'finished';
    return { kind: 'end', of };
  }

  private begin(of: Place['kind']): JsonToken {
    this.at += 1;
    this.count();
    this.places.push({ kind: of, index: -1 });
    this.state = 'begun';
    if (this.places.length > mostNested) throw this.refusal(`The reader's MaxDepth of ${mostNested} has been exceeded.`);
    return { kind: 'begin', of };
  }

  private count(): void {
    const place = this.places.at(-1);
    if (place) place.index += 1;
  }

  private valued(text: string): JsonToken {
    this.count();
    this.state = this.places.length > 0 ? 'valued' : 'finished';
    return { kind: 'value', text };
  }

  private property(): JsonToken {
    const { sign } = this;
    if (sign !== '"' && sign !== "'" && !isWord(sign)) throw this.refusal(`Invalid property identifier character: ${sign}.`);
    const name = isWord(sign) ? this.bareName() : this.string(sign);
    this.skipSpaces();
    if (this.sign !== ':') throw this.refusal(`Invalid character after parsing property name. Expected ':' but got: ${this.sign}.`);
    this.at += 1;
    const place = this.places.at(-1);
    if (place) place.name = name;
    this.state = 'named';
    return { kind: 'name', name };
  }

  /** No comment may stand between a name and its colon. */
  private skipSpaces(): void {
    while (!this.isOver && isSpace(this.sign)) this.step();
  }

  private bareName(): string {
    const from = this.at;
    for (;;) {
      if (this.isOver) throw this.refusal('Unexpected end while parsing unquoted property name.');
      if (this.sign === ':' || isSpace(this.sign)) return this.text.slice(from, this.at);
      if (!isWord(this.sign)) throw this.refusal(`Invalid JavaScript property identifier character: ${this.sign}.`);
      this.at += 1;
    }
  }

  private value(): JsonToken {
    const { sign } = this;
    switch (sign) {
      case '"':
      case "'":
        return this.valued(JSON.stringify(this.string(sign)));
      case '{':
        return this.begin('Object');
      case '[':
        return this.begin('Array');
      case ']':
        return this.end('Array');
      case ',':
        // Nothing stands there; the comma is read as what follows it.
        return this.valued('null');
      case 't':
        return this.word('true', 'true', 'Error parsing boolean value.');
      case 'f':
        return this.word('false', 'false', 'Error parsing boolean value.');
      case 'n':
        return this.nothing();
      case 'u':
        return this.word('undefined', 'null', 'Error parsing undefined value.');
      case 'N':
        return this.word('NaN', '"NaN"', 'Error parsing NaN value.');
      case 'I':
        return this.word('Infinity', '"Infinity"', 'Error parsing Infinity value.');
      case '-':
        return this.text[this.at + 1] === 'I' ? this.word('-Infinity', '"-Infinity"', 'Error parsing -Infinity value.') : this.number();
      default:
        if (/^[\p{N}.]$/u.test(sign)) return this.number();
        throw this.refusal(`Unexpected character encountered while parsing value: ${sign}.`);
    }
  }

  private nothing(): JsonToken {
    const next = this.text[this.at + 1];
    if (next === 'u') return this.word('null', 'null', 'Error parsing null value.');
    if (next === 'e') throw this.refusal('Unexpected content while parsing JSON.');
    if (next !== undefined) throw this.refusal('Unexpected character encountered while parsing value: n.');
    this.at += 1;
    throw this.refusal('Unexpected end when reading JSON.');
  }

  private word(word: string, text: string, complaint: string): JsonToken {
    if (this.text.length - this.at < word.length) {
      this.at = this.text.length;
      throw this.refusal('Unexpected end when reading JSON.');
    }
    for (const letter of word) {
      if (this.sign !== letter) throw this.refusal(complaint);
      this.at += 1;
    }
    if (!this.isOver && !/^(?:[\s\u0085}\],]|\/[*/])/.test(this.text.slice(this.at, this.at + 2))) throw this.refusal(complaint);
    return this.valued(text);
  }

  private number(): JsonToken {
    const from = this.at;
    while (/^[-+0-9a-fA-FxX.]$/.test(this.sign)) this.at += 1;
    if (!this.isOver && !/^[\s\u0085,}\])/]$/.test(this.sign))
      throw this.refusal(`Unexpected character encountered while parsing number: ${this.sign}.`);
    const text = this.text.slice(from, this.at);
    const number = dotnetNumber(text);
    const token = this.valued(number ?? 'null');
    if (number === undefined) throw this.refusal(`Input string '${text}' is not a valid number.`);
    return token;
  }

  private string(quote: string): string {
    let text = '';
    this.at += 1;
    while (this.sign !== quote) {
      if (this.isOver) throw this.refusal(`Unterminated string. Expected delimiter: ${quote}.`);
      if (this.sign === '\\') text += this.escaped(quote);
      else {
        const from = this.at;
        this.step();
        text += this.text.slice(from, this.at);
      }
    }
    this.at += 1;
    return text;
  }

  private escaped(quote: string): string {
    this.at += 1;
    if (this.isOver) throw this.refusal(`Unterminated string. Expected delimiter: ${quote}.`);
    const { sign } = this;
    this.at += 1;
    if (sign !== 'u') {
      const plain = escapes[sign];
      if (plain === undefined) throw this.refusal(`Bad JSON escape sequence: \\${sign}.`);
      return plain;
    }
    if (this.at + 4 >= this.text.length) throw this.refusal('Unexpected end while parsing Unicode escape sequence.');
    const hex = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-f]{4}$/i.test(hex)) throw this.refusal(`Invalid Unicode escape sequence: \\u${hex}.`);
    this.at += 4;
    return String.fromCharCode(parseInt(hex, 16));
  }
}
