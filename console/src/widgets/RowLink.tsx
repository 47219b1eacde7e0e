import type { ReactNode } from 'react';
import { Link } from 'wouter';
import classes from './DataTable.module.css';

/** The link that opens a row. */
export function RowLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className={`${classes.link} foreign`}>
      {children}
    </Link>
  );
}
