import { lazy, Suspense } from 'react';
import { useSession } from './api/session';
import { SignIn, SignInAgain } from './pages/SignIn';
import { Loading } from './widgets/Page';

const Shell = lazy(() => import('./shell/Shell').then((loaded) => ({ default: loaded.Shell })));

export function App() {
  const { session, loading, expired } = useSession();
  if (loading) return <Loading />;
  if (session === null) return <SignIn />;
  return (
    <>
      <Suspense fallback={<Loading />}>
        <Shell key={session.username} />
      </Suspense>
      {expired ? <SignInAgain username={session.username} /> : null}
    </>
  );
}
