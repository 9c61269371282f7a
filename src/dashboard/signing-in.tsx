import { proofs } from '../domain/proof';
import type { Me } from './api';
import type { Polled } from './polling';

const here = (): string => encodeURIComponent(location.pathname);

/** A service asks by itself, and hears the answer. */
export const isAskedHere = ({ proof }: { proof: string }): boolean => proofs.some((one) => one === proof);

const SignIn = ({ more }: { more?: string }) => (
  <a href={`/.auth/login/aad?post_login_redirect_uri=${here()}`}>
    Sign in
    {more !== undefined && <span class="aside"> {more}</span>}
  </a>
);

/** Who is at the page. Where the platform has signed nobody in and Slipway answers all the same, that is the laptop's operator. */
export const Who = ({ me: { data: me, failure } }: { me: Polled<Me> }) => {
  const isSignedOut = (failure as { status?: number } | undefined)?.status === 401;
  const isOperator = me !== undefined && me.signIn !== 'here';
  return (
    <p class="who">
      {me && (
        <span class="name" title={isOperator ? `${me.name}, this laptop’s operator` : me.name}>
          {isOperator && <span class="aside">You are </span>}
          {me.name}
          {isOperator && <span class="aside">, this laptop’s operator.</span>}
        </span>
      )}{' '}
      {isSignedOut && <SignIn />}
      {me?.signIn === 'possible' && <SignIn more="as an approver" />}
      {me?.signIn === 'here' && <a href={`/.auth/logout?post_logout_redirect_uri=${here()}`}>Sign out</a>}
    </p>
  );
};

/** How a question is answered, for whoever could sign in and has not. */
export const HowToAnswer = ({ me }: { me: Me | undefined }) =>
  me?.signIn === 'possible' ? (
    <p class="how-to-answer">
      <SignIn /> to answer here, or follow the link in the mail.
    </p>
  ) : null;

/** Whoever is waited for, and `you` where that is who looks. */
export function namesFor(approvers: readonly string[], me: Me | undefined): string {
  const own = me?.addresses.map((address) => address.toLowerCase()) ?? [];
  const isOwn = (address: string): boolean => own.includes(address.toLowerCase());
  const others = approvers.filter((address) => !isOwn(address));
  return [...new Set([...(others.length < approvers.length ? ['you'] : []), ...others])].join(', ');
}
