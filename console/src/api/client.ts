/** The API, typed by its own OpenAPI document; writes carry the session's CSRF token. */
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Call = Schemas['CallOut'];
export type Operator = Schemas['OperatorOut'];
export type OperatorState = Operator['state'];
export type QueueLive = Schemas['QueueLiveOut'];
export type Recording = Schemas['RecordingOut'];
export type Session = Schemas['SessionOut'];
export type Role = Session['role'];

/** A fact of the outbox; its own fields stand beside these. */
export interface Fact {
  seq: number;
  at: string;
  call_id: string | null;
  fact: string;
  [field: string]: unknown;
}

/** A refusal by the server (RFC 9457), or the network's silence (`status` 0). */
export class Refused extends Error {
  readonly status: number;
  readonly detail: string;
  readonly errors: Record<string, unknown>[];

  constructor(status: number, title: string, detail = '', errors: Record<string, unknown>[] = []) {
    super(detail || title);
    this.status = status;
    this.detail = detail;
    this.errors = errors;
  }
}

let csrf: string | null = null;
let onExpired: () => void = () => undefined;

export function useCsrf(token: string | null): void {
  csrf = token;
}

/** What to do when a request finds that nobody is signed in any more. */
export function whenExpired(act: () => void): void {
  onExpired = act;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (csrf !== null && request.method !== 'GET') request.headers.set('X-Ramal-CSRF', csrf);
    return request;
  },
  onResponse({ request, response }) {
    if (response.status === 401 && !request.url.endsWith('/api/v1/session')) onExpired();
  },
};

export const api = createClient<paths>({ baseUrl: location.origin });
api.use(guard);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Throws `Refused`. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch (error) {
    throw new Refused(0, error instanceof Error ? error.message : String(error));
  }
  if (got.response.ok) return got.data as T;
  const problem = (got.error ?? {}) as Partial<Schemas['Problem']>;
  const title = problem.title ?? `HTTP ${got.response.status}`;
  throw new Refused(got.response.status, title, problem.detail ?? '', problem.errors ?? []);
}

/** Send a file as it is, without holding it in memory. Throws `Refused`. */
export async function send<T>(url: string, file: File): Promise<T> {
  const headers: Record<string, string> = { 'Content-Type': 'application/octet-stream' };
  if (csrf !== null) headers['X-Ramal-CSRF'] = csrf;
  const response = await fetch(url, { method: 'POST', headers, body: file }).catch((error: unknown) => {
    throw new Refused(0, String(error));
  });
  if (response.status === 401) onExpired();
  const told = (await response.json().catch(() => ({}))) as Partial<Schemas['Problem']>;
  if (response.ok) return told as T;
  throw new Refused(response.status, told.title ?? `HTTP ${response.status}`, told.detail ?? '', told.errors ?? []);
}
