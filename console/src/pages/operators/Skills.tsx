import classes from './Operators.module.css';

/** Skills with their levels as dots; the level stands in the title and for screen readers too. */
export function Skills({ skills }: { skills: Record<string, number> }) {
  const sorted = Object.entries(skills).sort((a, b) => a[0].localeCompare(b[0]));
  return (
    <span className={classes.skills}>
      {sorted.map(([skill, level]) => (
        <span key={skill} className={classes.skill} title={`${skill} ${level}`}>
          <span className="foreign">{skill}</span>
          <b>{level}</b>
        </span>
      ))}
    </span>
  );
}
