import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { placeOf, type Place } from './addresses';
import { api } from './api';
import { FiguresPage } from './figures-page';
import { LedgerPage } from './ledger-page';
import { LivePage } from './live-page';
import { Link, titled } from './parts';
import { usePolled } from './polling';
import { RolloutPage } from './rollout-page';
import { Who } from './signing-in';
import { StartPage } from './start-page';
import type { Me } from './api';

const titleOf = (place: Place): string => {
  switch (place.at) {
    case 'live':
      return 'Live';
    case 'rollout':
      // Until it is there, and can be called by what it is.
      return place.id;
    case 'figures':
      return 'Figures';
    case 'start':
      return 'Start a rollout';
    case 'ledger':
      return `Ledger of ${place.app} in ${place.environment}`;
    case 'nowhere':
      return 'No such place';
  }
};

const Page = () => {
  const [place, setPlace] = useState(() => placeOf(location.pathname));
  const main = useRef<HTMLElement>(null);
  const me = usePolled(
    'me',
    (signal) => api.me(signal),
    () => 0,
  );
  useEffect(() => {
    const moved = () => {
      setPlace(placeOf(location.pathname));
      // What has the focus is gone with the place it was in.
      main.current?.focus({ preventScroll: true });
    };
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  useEffect(() => {
    document.title = titled(titleOf(place));
  }, [place]);
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header>
        <nav aria-label="Slipway">
          <Link to={{ at: 'live' }} class="brand">
            Slipway
          </Link>
          {(['live', 'figures', 'start'] as const).map((at) => (
            <Link key={at} to={{ at }} {...(place.at === at ? { class: 'here' } : {})}>
              {{ live: 'Live', figures: 'Figures', start: 'Start' }[at]}
            </Link>
          ))}
        </nav>
        <Who me={me} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Content place={place} me={me.data} />
      </main>
    </>
  );
};

const Content = ({ place, me }: { place: Place; me: Me | undefined }) => {
  switch (place.at) {
    case 'live':
      return <LivePage me={me} />;
    case 'rollout':
      return <RolloutPage key={place.id} id={place.id} me={me} />;
    case 'figures':
      return <FiguresPage />;
    case 'start':
      return <StartPage me={me} />;
    case 'ledger':
      return <LedgerPage app={place.app} environment={place.environment} />;
    case 'nowhere':
      return (
        <>
          <h1>There is nothing at this address</h1>
          <p>
            <Link to={{ at: 'live' }}>What is live</Link> is a good place to go on from.
          </p>
        </>
      );
  }
};

const root = document.getElementById('page');
if (root) {
  root.replaceChildren();
  render(<Page />, root);
}
