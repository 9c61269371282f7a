import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inputIn, rewritten, valueIn } from '../../local/host/durable/json-text';

const refused = (message: string, type = 'JsonReaderException') => ({ kind: 'refused', message, type: `Newtonsoft.Json.${type}` });
const text = (one: string) => ({ kind: 'text', text: one });

/** Those marked were recorded; the others follow from the reader's source. */
describe('what Json.NET says of text that is no JSON', () => {
  test.each([
    // Recorded.
    ['', "Error reading JToken from JsonReader. Path '', line 0, position 0."],
    ['{bad json', "Invalid character after parsing property name. Expected ':' but got: j. Path '', line 1, position 5."],
    ['{bad', "Unexpected end while parsing unquoted property name. Path '', line 1, position 4."],
    ['plain', "Unexpected character encountered while parsing value: p. Path '', line 0, position 0."],
    // From the source.
    ['  ', "Error reading JToken from JsonReader. Path '', line 1, position 2."],
    ['{', "Error reading JObject from JsonReader. Path '', line 1, position 1."],
    ['[', "Error reading JArray from JsonReader. Path '', line 1, position 1."],
    ['{"a":1', "Unexpected end of content while loading JObject. Path 'a', line 1, position 6."],
    ['{"a":[1,', "Unexpected end of content while loading JObject. Path 'a[0]', line 1, position 8."],
    ['{"a":1,\r\n "b c":\n?', "Unexpected character encountered while parsing value: ?. Path '['b c']', line 3, position 0."],
    ['[1,{"x":[true,nope]}]', "Unexpected character encountered while parsing value: n. Path '[1].x[0]', line 1, position 14."],
    ['[1 2]', "After parsing a value an unexpected character was encountered: 2. Path '[0]', line 1, position 3."],
    ['[1}', "JsonToken EndObject is not valid for closing JsonType Array. Path '', line 1, position 3."],
    ['{"a":]', "JsonToken EndArray is not valid for closing JsonType Object. Path '', line 1, position 6."],
    [']', "JsonToken EndArray is not valid for closing JsonType None. Path '', line 1, position 1."],
    ['{-', "Invalid property identifier character: -. Path '', line 1, position 1."],
    ['"abc', "Unterminated string. Expected delimiter: \". Path '', line 1, position 4."],
    [String.raw`"a\q"`, String.raw`Bad JSON escape sequence: \q. Path '', line 1, position 4.`],
    [String.raw`"\u12g4"`, String.raw`Invalid Unicode escape sequence: \u12g4. Path '', line 1, position 3.`],
    ['12x4', "Input string '12x4' is not a valid number. Path '', line 1, position 4."],
    ['[2026-11-30]', "Input string '2026-11-30' is not a valid number. Path '[0]', line 1, position 11."],
    ['5h', "Unexpected character encountered while parsing number: h. Path '', line 1, position 1."],
    ['tru', "Unexpected end when reading JSON. Path '', line 1, position 3."],
    ['trve', "Error parsing boolean value. Path '', line 1, position 2."],
    ['truely', "Error parsing boolean value. Path '', line 1, position 4."],
    ['n', "Unexpected end when reading JSON. Path '', line 1, position 1."],
    ['/x/', "Error parsing comment. Expected: *, got x. Path '', line 1, position 1."],
    ['['.repeat(65), `The reader's MaxDepth of 64 has been exceeded. Path '${'[0]'.repeat(64)}', line 1, position 65.`],
  ])('%j', (given, message) => {
    expect(rewritten(given)).toEqual(refused(message));
    expect(valueIn(given)).toBeUndefined();
  });
});

test.each([
  ['{a:\'x\', $b: [1,,2,], /* c */ "d": .5 // e\n}', { a: 'x', $b: [1, null, 2], d: 0.5 }],
  ['NaN', 'NaN'],
  ['[-Infinity,0x10,010,1e999]', ['-Infinity', 16, 8, 'Infinity']],
  [String.raw`'it\'s \u0041\/'`, "it's A/"],
  ['undefined', null],
  // Of what follows nothing is read.
  ['5 minutes', 5],
  ['true story', true],
  ['{"a":1} and more', { a: 1 }],
])('takes %j as a value', (given, read) => {
  expect(valueIn(given)).toEqual({ value: read });
  expect(rewritten(given)).toEqual(text(JSON.stringify(read)));
});

test.each([
  ['[1,-0,007,12345678901234567890]', '[1,0,7,12345678901234567890]'],
  ['[1.0,1.50,-0.0,1e3,.5,5.]', '[1.0,1.5,-0.0,1000.0,0.5,5.0]'],
  ['[1e14,1e15,1.5e15,123456789012345678.0,1e21,1e100]', '[100000000000000.0,1E+15,1.5E+15,1.2345678901234568E+17,1E+21,1E+100]'],
  ['[0.0001,0.00001,-1.5e-7]', '[0.0001,1E-05,-1.5E-07]'],
  ['{ "a" : "x\\u0041\\/" , "b" : [ 1.0 ] }', '{"a":"xA/","b":[1.0]}'],
])('writes %j anew as .NET does', (given, written) => {
  expect(rewritten(given)).toEqual(text(written));
});

test.each([
  ['{"a":1}', text('{"a":1}')],
  [' ', { kind: 'nothing' }],
  ['1 2', refused("Additional text encountered after finished reading JSON content: 2. Path '', line 1, position 2.")],
  ['{"a":1}x', refused("Additional text encountered after finished reading JSON content: x. Path '', line 1, position 7.")],
  ['{', refused("Unexpected end when reading JSON. Path '', line 1, position 1.", 'JsonSerializationException')],
  ['{"a":1', refused("Unexpected end when deserializing object. Path 'a', line 1, position 6.", 'JsonSerializationException')],
  ['{"a":[1', refused("Unexpected end when reading token. Path 'a[0]'.", 'JsonWriterException')],
  ['[1', refused("Unexpected end when reading token. Path '[0]'.", 'JsonWriterException')],
  ['{"$ref":"1"}', text('{"$ref":"1"}')],
  ['{"$ref":null,"a":1}', text('{"$ref":null,"a":1}')],
  // Recorded.
  [
    '{"$ref":"1","$id":"2"}',
    refused(
      "Additional content found in JSON reference object. A JSON reference object should only have a $ref property. Path '$id', line 1, position 18.",
      'JsonSerializationException',
    ),
  ],
  [
    '{"$ref":1}',
    refused(
      "JSON reference $ref property must have a string or null value. Path '$ref', line 1, position 9.",
      'JsonSerializationException',
    ),
  ],
  ['{"$type":"System.Object","a":1}', text('{"$type":"System.Object","a":1}')],
  ['{a:1.0}', text('{"a":1.0}')],
])('%j as an input', (given, read) => {
  expect(inputIn(given)).toEqual(read);
});

test('whatever the value: it is read the same with its spaces, with comments and with something after it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
      const plain = JSON.stringify(value, null, indent);
      const read = JSON.parse(plain) as unknown;
      // Neither is JSON, so that the reader reads it.
      for (const given of [`${plain} and more`, `// first\n${plain.replaceAll(/^(\s*)"/gm, '$1/* here */ "')}`]) {
        expect(valueIn(given)).toEqual({ value: read });
        const written = rewritten(given);
        expect(written.kind === 'text' && JSON.parse(written.text)).toEqual(read);
      }
    }),
  );
});
