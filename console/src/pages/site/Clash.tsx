import { Alert, Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import classes from './Site.module.css';
import { same, type Value } from './site';
import { useWords } from './words';

/** What somebody else made of it, beside what stands in the form. */
export function Clash({ mine, theirs, onTakeTheirs }: { mine: Value; theirs: Value; onTakeTheirs: () => void }) {
  const { t } = useTranslation();
  const { label, told } = useWords();
  const fields = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])].filter((key) => !same(mine[key], theirs[key]));
  return (
    <Alert color="orange" variant="light" icon={<Icon name="alert" />} role="alert" data-clash>
      <p style={{ marginTop: 0 }}>{t('site.overtaken')}</p>
      {fields.length > 0 ? (
        <table className={classes.clash}>
          <thead>
            <tr>
              <th scope="col">{t('site.field')}</th>
              <th scope="col">{t('site.theirs')}</th>
              <th scope="col">{t('site.mine')}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((key) => (
              <tr key={key}>
                <th scope="row">{label([key])}</th>
                <td className="foreign">{told(theirs[key])}</td>
                <td className="foreign">{told(mine[key])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      <Button mt="sm" size="xs" variant="default" onClick={onTakeTheirs}>
        {t('site.takeTheirs')}
      </Button>
    </Alert>
  );
}
