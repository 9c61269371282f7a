/** Goes to a place within the page without loading it anew. */
export function visit(href: string): void {
  history.pushState(null, '', href);
  dispatchEvent(new PopStateEvent('popstate'));
  scrollTo(0, 0);
}
