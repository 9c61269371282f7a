/**
 * The segments of a path of the management API, undefined where no route can fit. .NET decodes it three times on the way: Kestrel, then the extension as a form
 * (which makes a plus sign a space, and an encoded slash a border), then the matcher of its routes.
 */
export function segmentsOf(path: string): string[] | undefined {
  const form = decoded(decodedButSlash(path).replaceAll('+', ' '));
  const parts = decodedButSlash(form.replace(/^\/+|\/+$/g, '')).split('/');
  return parts.some((part) => part === '') ? undefined : parts;
}

/** What is not a percent-encoding stays as it is. */
const decoded = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));

/** An encoded slash stays encoded, and what is no UTF-8. */
const decodedButSlash = (text: string): string =>
  text.replace(/(?:%(?!2f)[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });

/** The address of a request as .NET has it, which is what it answers with: signs that a path may hold are not encoded there, also where they came so. */
export function addressOf({ origin, pathname, search }: URL): string {
  const path = decodedButSlash(pathname).replace(/%[0-9a-f]{2}|%|[^\w\-.~!$&'()*+,;=:@/%]+/gi, (run) =>
    /^%[0-9a-f]{2}$/i.test(run) ? run : encodeURIComponent(run),
  );
  return `${origin}${path}${search}`;
}
