/** Every page: its address, who sees it, and its code, fetched when first opened. */
import { lazy, type ComponentType } from 'react';
import type { Role } from '../api/client';
import type { Messages } from '../i18n/en';
import type { IconName } from '../widgets/icons';

export interface PageEntry {
  path: string;
  roles: Role[];
  page: ComponentType;
  /** Stands in the navigation under this word. */
  name?: keyof Messages['nav'];
  icon?: IconName;
}

const STAFF: Role[] = ['supervisor', 'admin', 'auditor'];
const ALL: Role[] = ['operator', 'client', ...STAFF];

export const PAGES: PageEntry[] = [
  { path: '/desk', roles: ['operator'], page: lazy(() => import('../pages/desk/Desk').then((loaded) => ({ default: loaded.Desk }))), name: 'desk', icon: 'headset' },
  {
    path: '/wallboard',
    roles: STAFF,
    page: lazy(() => import('../pages/wallboard/Wallboard')),
    name: 'wallboard',
    icon: 'dashboard',
  },
  {
    path: '/queues',
    roles: [...STAFF, 'client'],
    page: lazy(() => import('../pages/queues/Queues')),
    name: 'queues',
    icon: 'queue',
  },
  {
    path: '/operators',
    roles: STAFF,
    page: lazy(() => import('../pages/operators/Operators')),
    name: 'operators',
    icon: 'headset',
  },
  { path: '/calls', roles: ALL, page: lazy(() => import('../pages/calls/Calls')), name: 'calls', icon: 'list' },
  { path: '/work', roles: ['operator', ...STAFF], page: lazy(() => import('../pages/work/Work')), name: 'work', icon: 'mic' },
  { path: '/cases', roles: ['operator', ...STAFF], page: lazy(() => import('../pages/cases/Cases')), name: 'cases', icon: 'hash' },
  { path: '/campaigns', roles: [...STAFF, 'client'], page: lazy(() => import('../pages/campaigns/Campaigns')), name: 'campaigns', icon: 'phoneOutgoing' },
  {
    path: '/flows',
    roles: STAFF,
    page: lazy(() => import('../pages/flows/Flows')),
    name: 'flows',
    icon: 'flow',
  },
  { path: '/site', roles: STAFF, page: lazy(() => import('../pages/site/Settings')), name: 'site', icon: 'settings' },
  { path: '/prompts', roles: STAFF, page: lazy(() => import('../pages/prompts/Prompts')), name: 'prompts', icon: 'volume' },
  {
    path: '/recordings',
    roles: [...STAFF, 'client'],
    page: lazy(() => import('../pages/recordings/Recordings')),
    name: 'recordings',
    icon: 'waveform',
  },
  {
    path: '/people',
    roles: ['admin', 'auditor'],
    page: lazy(() => import('../pages/people/People')),
    name: 'people',
    icon: 'users',
  },
  {
    path: '/audit',
    roles: ['admin', 'auditor'],
    page: lazy(() => import('../pages/people/Audit')),
    name: 'audit',
    icon: 'shield',
  },
  { path: '/tokens', roles: ['admin', 'auditor'], page: lazy(() => import('../pages/people/Tokens')), name: 'tokens', icon: 'key' },
  { path: '/webhooks', roles: ['admin', 'auditor'], page: lazy(() => import('../pages/webhooks/Webhooks')), name: 'webhooks', icon: 'send' },
  { path: '/account', roles: ALL, page: lazy(() => import('../pages/account/Account')) },
  { path: '/cases/:protocol', roles: ['operator', ...STAFF], page: lazy(() => import('../pages/cases/CasePage')) },
  { path: '/campaigns/:id', roles: [...STAFF, 'client'], page: lazy(() => import('../pages/campaigns/CampaignPage')) },
  { path: '/webhooks/:id', roles: ['admin', 'auditor'], page: lazy(() => import('../pages/webhooks/WebhookPage')) },
  { path: '/site/:kind', roles: STAFF, page: lazy(() => import('../pages/site/Settings')) },
  { path: '/flows/:id', roles: STAFF, page: lazy(() => import('../pages/flows/FlowPage')) },
  { path: '/calls/:id', roles: ALL, page: lazy(() => import('../pages/calls/CallPage')) },
];

export function pagesOf(role: Role): PageEntry[] {
  return PAGES.filter((entry) => entry.roles.includes(role));
}

/** Where a role begins. */
export function homeOf(role: Role): string {
  return pagesOf(role)[0]?.path ?? '/calls';
}
