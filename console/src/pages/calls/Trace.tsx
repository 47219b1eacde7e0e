import { Switch } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call, Fact } from '../../api/client';
import { useTrace } from '../../api/queries';
import { Icon } from '../../widgets/Icon';
import type { IconName } from '../../widgets/icons';
import { Empty, Failure, Loading } from '../../widgets/Page';
import { duration } from '../../widgets/time';
import classes from './CallPage.module.css';

interface Look {
  icon: IconName;
  tone?: 'good' | 'busy' | 'ring' | 'bad';
  /** Of interest to whoever looks closely. */
  minor?: boolean;
}

const LOOKS: Record<string, Look> = {
  CallStarted: { icon: 'phoneIncoming', tone: 'busy' },
  CallAnswered: { icon: 'phone', minor: true },
  CallQueued: { icon: 'queue', tone: 'ring' },
  CallDequeued: { icon: 'queue' },
  RoutingDecided: { icon: 'branch', minor: true },
  OfferMade: { icon: 'phoneOutgoing', tone: 'ring' },
  OfferEnded: { icon: 'phoneOutgoing' },
  CallConnected: { icon: 'headset', tone: 'good' },
  TalkEnded: { icon: 'phoneOff' },
  TransferStarted: { icon: 'transfer', tone: 'busy' },
  TransferEnded: { icon: 'transfer' },
  PartyJoined: { icon: 'users' },
  PartyLeft: { icon: 'users' },
  WatchBegan: { icon: 'headset', tone: 'ring' },
  WatchEnded: { icon: 'headset' },
  PhoneRejoined: { icon: 'refresh' },
  CallParked: { icon: 'clock' },
  CallRetrieved: { icon: 'clock' },
  CallEnded: { icon: 'stop', tone: 'busy' },
  ConsentTold: { icon: 'shield' },
  RecordingStarted: { icon: 'waveform' },
  RecordingPaused: { icon: 'pause', tone: 'ring' },
  RecordingResumed: { icon: 'waveform' },
  RecordingAlarm: { icon: 'alert', tone: 'bad' },
  RecordingDeleted: { icon: 'trash' },
  CallResumed: { icon: 'refresh' },
  RecordingStored: { icon: 'waveform' },
  ProtocolGiven: { icon: 'hash' },
  MessageLeft: { icon: 'message', tone: 'busy' },
  CallbackPromised: { icon: 'history', tone: 'ring' },
  CallbackTried: { icon: 'phoneOutgoing' },
  SessionFault: { icon: 'alert', tone: 'bad' },
  FlowEntered: { icon: 'flow' },
  NodeEntered: { icon: 'flow' },
  NodeLeft: { icon: 'arrowRight', minor: true },
  PromptPlayed: { icon: 'volume', minor: true },
  PromptFailed: { icon: 'volume', tone: 'bad' },
  DigitPressed: { icon: 'keypad', tone: 'busy' },
  BranchDecided: { icon: 'branch' },
  VariableSet: { icon: 'edit', minor: true },
  WaitStarted: { icon: 'hourglass', minor: true },
  LookupAnswered: { icon: 'send' },
  SurveyAnswered: { icon: 'message' },
  FlowFault: { icon: 'alert', tone: 'bad' },
  FlowEnded: { icon: 'flow', minor: true },
};

const KNOWN = Object.keys(LOOKS) as (keyof typeof LOOKS)[];

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ');
  if (value !== null && typeof value === 'object') {
    return Object.entries(value)
      .map(([name, inner]) => `${name} ${shown(inner)}`)
      .join(', ');
  }
  return String(value);
}

/** What a fact says, in a sentence; unknown kinds (of a newer server) by their name. */
function sentence(t: TFunction, fact: Fact): string {
  if (!KNOWN.includes(fact.fact)) return fact.fact;
  const say = t as unknown as (key: string, values?: Record<string, string>) => string;
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(fact)) values[name] = value === '' ? '–' : shown(value);
  if (typeof fact.ring_s === 'number') values.ring_s = fact.ring_s.toFixed(1);
  if (typeof fact.talk_s === 'number') values.talk_s = duration(fact.talk_s);
  if (typeof fact.duration_s === 'number') values.duration_s = duration(fact.duration_s);
  if (typeof fact.outcome === 'string') values.outcome = say(`outcome.${fact.outcome}`, { defaultValue: fact.outcome });
  if (typeof fact.mode === 'string') values.mode = say(`floor.mode.${fact.mode}`, { defaultValue: fact.mode });
  if (typeof fact.consent === 'string') values.consent = say(`consented.${fact.consent}`, { defaultValue: fact.consent });
  if (fact.fact === 'CallEnded') values.final_state = say(`final.${values.final_state}`, { defaultValue: values.final_state ?? '' });
  return say(`fact.${fact.fact}`, values);
}

/** A fact in a sentence. */
export function FactWords({ fact }: { fact: Fact }) {
  const { t } = useTranslation();
  return sentence(t, fact);
}

/** The call as it went, second by second. */
export function Trace({ call }: { call: Call }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const trace = useTrace(call.id);
  if (trace.isPending) return <Loading />;
  if (trace.isLoadingError) return <Failure error={trace.error} retry={() => void trace.refetch()} />;
  const facts = trace.data.filter((fact) => all || !LOOKS[fact.fact]?.minor);
  const start = Date.parse(call.started_at);
  return (
    <section className="card" aria-label={t('call.trace')}>
      <div style={{ padding: '12px 18px', borderBottom: '1px solid var(--line)' }}>
        <Switch size="sm" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} label={t('call.traceAll')} />
      </div>
      {facts.length === 0 ? <Empty icon="flow">{t('call.noTrace')}</Empty> : null}
      <ol className={classes.trace}>
        {facts.map((fact) => {
          const look = LOOKS[fact.fact] ?? { icon: 'info' as const };
          return (
            <li key={fact.seq} className={`${classes.fact} ${look.minor ? classes.minor : ''}`} data-tone={look.tone} data-fact={fact.fact}>
              <time className={classes.when} dateTime={fact.at}>
                +{((Date.parse(fact.at) - start) / 1000).toFixed(1)} s
              </time>
              <span className={classes.dot}>
                <Icon name={look.icon} size={15} />
              </span>
              <span className={`${classes.words} foreign`}>{sentence(t, fact)}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
