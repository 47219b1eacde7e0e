import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { useParked } from '../../api/talk';
import { Icon } from '../../widgets/Icon';
import { tellFailed } from '../../widgets/tell';

/** Callers who wait in a slot for whoever takes them. */
export function Parked() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const parked = useParked().data ?? [];
  const take = useMutation({
    mutationFn: (id: string) => ask(api.POST('/api/v1/calls/{id}/retrieve', { params: { path: { id } } })),
    onError: (error) => tellFailed(t('failure.conflict'), error),
    onSettled: () => client.invalidateQueries({ queryKey: ['parked'] }),
  });
  if (parked.length === 0) return null;
  return (
    <section className="card" style={{ padding: '12px 18px' }} aria-label={t('talk.parked')}>
      <Group gap="sm">
        <Icon name="clock" size={16} />
        <Text fw={600}>{t('talk.parked')}</Text>
        {parked.map(({ slot, call_id }) => (
          <Button key={slot} size="xs" variant="light" disabled={take.isPending} onClick={() => take.mutate(call_id)} data-slot={slot}>
            {t('talk.retrieve', { slot })}
          </Button>
        ))}
      </Group>
    </section>
  );
}
