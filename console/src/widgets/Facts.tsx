import type { ReactNode } from 'react';
import classes from './Facts.module.css';

/** Names and what they are, in as many columns as fit. */
export function Facts({ entries, ...mark }: { entries: [string, ReactNode][]; [mark: `data-${string}`]: string }) {
  return (
    <dl className={`card ${classes.facts}`} {...mark}>
      {entries.map(([name, value], place) => (
        <div key={place}>
          <dt className="foreign">{name}</dt>
          <dd className="foreign">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
