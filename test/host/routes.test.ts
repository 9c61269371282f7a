import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { matchRoute, parseRoute, pathSegments } from '../../local/host/routes';

const taken = (template: string, path: string): Record<string, string> | undefined =>
  matchRoute([parseRoute(template, ['get'], 'here', 'fn')], 'GET', pathSegments(path))?.parameters;

describe('a route', () => {
  test.each([
    ['a/{id}', '/a/1', { id: '1' }],
    ['a/{id}', '/A/1/', { id: '1' }],
    ['a/{id}', '/a', undefined],
    ['a/{id}', '/a//', undefined],
    ['a/{id}/b', '/a/1/b/c', undefined],
    ['a/{id}', '/a/x%2Fy', { id: 'x%2Fy' }],
    ['a/{id}', '/a/%zz', { id: '%zz' }],
    ['a/{id?}', '/a', {}],
    ['a/{id=7}', '/a', { id: '7' }],
    ['a/{id:int=7}', '/a/8', { id: '8' }],
    ['a/{id:int?}', '/a/x', undefined],
    ['{*all}', '/', {}],
    ['{*all}', '/x/y', { all: 'x/y' }],
    ['{**all=none}', '/', { all: 'none' }],
    ['x{{y}}', '/x{y}', {}],
    ['{a}-{b}', '/1-2', { a: '1', b: '2' }],
    ['{a}-{b}', '/1-2-3', { a: '1-2', b: '3' }],
    ['{a}-{b}', '/-2', undefined],
    ['{a}-{b}', '/1-', undefined],
    ['v{major}.{minor}', '/V1.2', { major: '1', minor: '2' }],
    ['v{major}.{minor}', '/xv1.2', undefined],
    ['{name}.txt', '/a.b.txt', { name: 'a.b' }],
    ['{name}.txt', '/a.txt.md', undefined],
    ['{name}.{extension?}', '/read.me', { name: 'read', extension: 'me' }],
    ['{name}.{extension?}', '/readme', { name: 'readme' }],
    ['{name}.{extension?}', '/readme.', undefined],
    ['{from:int}..{to:int}', '/1..20', { from: '1', to: '20' }],
    ['{from:int}..{to:int}', '/1..b', undefined],
  ])('%s takes the path %s', (template, path, parameters) => {
    expect(taken(template, path)).toEqual(parameters);
  });

  test.each([
    ['int', ['12', '-2147483648', '+5', ' 5'], ['x', '2147483648', '1.5', '']],
    ['long', ['9223372036854775807'], ['9223372036854775808']],
    ['bool', ['true', 'FALSE'], ['1', 'yes']],
    [
      'guid',
      ['6f9619ff-8b86-d011-b42d-00c04fc964ff', '6f9619ff8b86d011b42d00c04fc964ff'],
      ['6f9619ff', '6f9619ff8b86-d011b42d00c04fc964ff'],
    ],
    ['datetime', ['2026-01-05', '2026-01-05T09:00:00Z'], ['soon', '7']],
    ['decimal', ['1', '-1.5', '1,000.5'], ['1e3', '.']],
    ['double', ['1e3', '-.5', 'NaN'], ['x', '.']],
    ['float', ['1.5'], ['x']],
    ['length(3)', ['abc'], ['ab', 'abcd']],
    ['length(2,3)', ['ab', 'abc'], ['a', 'abcd']],
    ['minlength(2)', ['ab'], ['a']],
    ['maxlength(2)', ['ab'], ['abc']],
    ['min(18)', ['18'], ['17', 'x']],
    ['max(18)', ['18', '-1'], ['19']],
    ['range(1,3)', ['1', '3'], ['0', '4']],
    ['alpha', ['abC'], ['a1']],
    ['required', ['a'], []],
    ['file', ['a.txt'], ['a', 'a.']],
    ['nonfile', ['a'], ['a.txt']],
    ['regex(^\\d{{3}}-(a|b)$)', ['123-a', '123-B'], ['12-a']],
    ['regex(^a:(b)$)', ['a:b'], ['a']],
    ['int:min(2)', ['2'], ['1']],
  ])('may hold the constraint %s', (constraint, fitting, unfit) => {
    for (const value of fitting) expect(taken(`{v:${constraint}}`, `/${encodeURIComponent(value)}`)).toEqual({ v: value });
    for (const value of unfit) expect(taken(`{v:${constraint}}`, `/${encodeURIComponent(value)}`)).toBeUndefined();
  });

  test.each([
    ['api//x', 'two slashes in a row'],
    ['{a}{b}', 'between the parameters "a" and "b" there must be text'],
    ['{a}/{A}', 'the parameter "A" is there twice'],
    ['{*a}/b', 'must come last'],
    ['x{*a}', 'must have a segment to itself'],
    ['{*a?}', 'may not be optional too'],
    ['{a?}-x', 'must end its segment'],
    ['{a}-{b?}', 'follow a "."'],
    ['{a=1?}', 'may not have a default value'],
    ['{a', 'braces'],
    ['a}', 'braces'],
    ['{}', 'braces'],
    ['a?b', 'may not hold a "?"'],
    ['{a:odd}', 'there is no route constraint "odd"'],
    ['{a:int(3)}', 'does not take "3"'],
    ['{a:range(1)}', 'does not take "1"'],
    ['{a:min(x)}', '"x" is no whole number'],
    ['{a:regex([)}', 'no regular expression'],
    ['~x', 'may not begin with "~"'],
  ])('%s is refused, with its function and the reason', (template, reason) => {
    expect(() => parseRoute(template, ['get'], 0, 'odd')).toThrow(`Function "odd": the route "${template}" is refused: `);
    expect(() => parseRoute(template, ['get'], 0, 'odd')).toThrow(reason);
  });

  test('the first that fits wins, whether or not another is more literal, if it takes the method', () => {
    const routes = [parseRoute('a/{id}', ['get'], 'first', 'f1'), parseRoute('a/b', ['get', 'post'], 'second', 'f2')];
    expect(matchRoute(routes, 'GET', ['a', 'b'])).toEqual({ target: 'first', parameters: { id: 'b' } });
    expect(matchRoute(routes, 'POST', ['a', 'b'])).toEqual({ target: 'second', parameters: {} });
    expect(matchRoute(routes, 'PUT', ['a', 'b'])).toBeUndefined();
  });

  test('what a parameter takes, put back into its template, is the path again', () => {
    const text = fc.stringMatching(/^[a-z0-9]{1,5}$/);
    fc.assert(
      fc.property(text, text, text, (one, two, three) => {
        expect(taken('x-{a}.{b}/{c}', `/x-${one}.${two}/${three}`)).toEqual({ a: one, b: two, c: three });
      }),
    );
  });
});
