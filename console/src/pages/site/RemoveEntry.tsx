import { Button, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Failure } from '../../widgets/Page';
import { tellDone } from '../../widgets/tell';
import { useReturnFocus } from './returnFocus';
import { deleteEntry, type Entry, type Kind } from './site';

/** Ask before an entry goes, and show who uses it. */
export function RemoveEntry({ kind, entry, onClose }: { kind: Kind; entry: Entry; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  useReturnFocus();
  const held = entry.uses.some((use) => use.firm);
  const remove = useMutation({
    mutationFn: () => deleteEntry(kind, entry.name, entry.version),
    onSuccess: async () => {
      tellDone(t('site.removed', { name: entry.name }));
      onClose();
      await Promise.all([['site'], ['versions', 'site']].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: () => client.invalidateQueries({ queryKey: ['site'] }),
  });
  return (
    <Modal opened onClose={onClose} title={t('site.removeSure', { name: entry.name })} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        {kind === 'queues' ? <Text size="sm">{t('site.removeHint')}</Text> : null}
        <div data-uses>
          {entry.uses.length === 0 ? (
            <Text size="sm" className="quiet">
              {t('site.unused')}
            </Text>
          ) : (
            <>
              <Text size="sm" fw={560}>
                {held ? t('site.inUse') : t('site.usedBy')}
              </Text>
              <ul style={{ margin: '4px 0', paddingLeft: 18 }}>
                {entry.uses.map((use) => (
                  <li key={`${use.kind}${use.name}`} className="foreign">
                    {t(`site.use.${use.kind}`, { name: use.name })}
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
        {remove.error ? <Failure error={remove.error} /> : null}
        <Button color="red.8" disabled={held} loading={remove.isPending} onClick={() => remove.mutate()}>
          {t('site.remove', { name: entry.name })}
        </Button>
      </Stack>
    </Modal>
  );
}
