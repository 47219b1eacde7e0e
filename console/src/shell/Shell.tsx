import { ActionIcon, AppShell, Burger, Group, Menu, NavLink, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { useLive } from '../api/live';
import { useMe, useSession } from '../api/session';
import { Icon } from '../widgets/Icon';
import { Empty, Loading } from '../widgets/Page';
import { tellFailed } from '../widgets/tell';
import { LanguagePicker } from './LanguagePicker';
import { LinkState } from './LinkState';
import { homeOf, pagesOf } from './pages';
import classes from './Shell.module.css';
import { ThemeSwitch } from './ThemeSwitch';

const CallBar = lazy(() => import('../phone/CallBar').then(({ CallBar: bar }) => ({ default: bar })));

const Offer = lazy(() => import('../pages/desk/Offer').then(({ Offer: offer }) => ({ default: offer })));

const Notices = lazy(() => import('../pages/desk/Notices').then(({ Notices: notices }) => ({ default: notices })));

/** The frame of every page after signing in. */
export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  const { recheck } = useSession();
  const [menuOpen, menu] = useDisclosure(false);
  useLive(me.role !== 'client', recheck);

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a className="skip" href="#content">
        {t('shell.skip')}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={menuOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={t('shell.menu')} />
            <Link href={homeOf(me.role)} className={classes.brand}>
              <img src="/favicon.svg" alt="" width={26} height={26} />
              <span>Ramal</span>
            </Link>
          </Group>
          <Group gap={2} wrap="nowrap">
            {me.role === 'client' ? null : <LinkState />}
            <LanguagePicker />
            <ThemeSwitch />
            <Account />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} p="xs">
        <Navigation onGo={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Suspense fallback={<Loading />}>
          <Routes />
        </Suspense>
      </AppShell.Main>
      {me.role === 'operator' ? (
        <Suspense fallback={null}>
          <Offer />
          <Notices />
          <CallBar />
        </Suspense>
      ) : null}
    </AppShell>
  );
}

function Routes() {
  const { t } = useTranslation();
  const { role } = useMe();
  return (
    <Switch>
      {pagesOf(role).map((entry) => (
        <Route key={entry.path} path={entry.path} component={entry.page} />
      ))}
      <Route path="/">
        <Redirect to={homeOf(role)} replace />
      </Route>
      <Route>
        <Empty icon="search">{t('shell.noPage')}</Empty>
      </Route>
    </Switch>
  );
}

function Navigation({ onGo }: { onGo: () => void }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const [path] = useLocation();
  return (
    <>
      {pagesOf(role).map((entry) =>
        entry.name === undefined ? null : (
          <NavLink
            key={entry.path}
            component={Link}
            href={entry.path}
            label={t(`nav.${entry.name}`)}
            leftSection={<Icon name={entry.icon ?? 'list'} />}
            active={path === entry.path || path.startsWith(`${entry.path}/`)}
            aria-current={path === entry.path ? 'page' : undefined}
            onClick={onGo}
            className={classes.link}
          />
        ),
      )}
    </>
  );
}

function Account() {
  const { t } = useTranslation();
  const me = useMe();
  const { signOut } = useSession();
  const leave = () => signOut().catch((error: unknown) => tellFailed(t('failure.other'), error));
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.account} aria-label={`${t('shell.account')}: ${me.username}`}>
          <ActionIcon component="span" variant="light" radius="xl" aria-hidden="true">
            <Icon name="user" size={16} />
          </ActionIcon>
          <Text size="sm" fw={550} visibleFrom="sm" className="foreign">
            {me.username}
          </Text>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.username} · {t(`role.${me.role}`)}
        </Menu.Label>
        <Menu.Item component={Link} href="/account" leftSection={<Icon name="key" size={16} />}>
          {t('account.title')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="logout" size={16} />} onClick={() => void leave()}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
