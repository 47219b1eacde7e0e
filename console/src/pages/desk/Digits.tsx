import classes from './Desk.module.css';

/** What a caller keyed in, key by key. */
export function Digits({ digits }: { digits: string }) {
  return (
    <span className={classes.digits}>
      {Array.from(digits, (digit, place) => (
        <kbd key={place}>{digit}</kbd>
      ))}
    </span>
  );
}
