import { useSession } from './api/session';
import { SignIn, SignInAgain } from './pages/SignIn';
import { Shell } from './shell/Shell';
import { Loading } from './widgets/Page';

export function App() {
  const { session, loading, expired } = useSession();
  if (loading) return <Loading />;
  if (session === null) return <SignIn />;
  return (
    <>
      <Shell key={session.username} />
      {expired ? <SignInAgain username={session.username} /> : null}
    </>
  );
}
