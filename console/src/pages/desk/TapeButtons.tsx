import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask, Refused, type Schemas } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Tag } from '../../widgets/StatePill';
import { tellFailed } from '../../widgets/tell';

type Act = 'start' | 'pause' | 'resume';
type Tape = Schemas['TapeOut'];

/** Whether this call is being recorded, and the buttons for it: pause before card data is said, record on demand. */
export function TapeButtons({ call }: { call: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const path = { id: call };
  const tape = useQuery({
    queryKey: ['tape', call],
    queryFn: () =>
      ask(api.GET('/api/v1/calls/{id}/recording', { params: { path } })).catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) return null;
        throw error;
      }),
    refetchInterval: 3_000,
  }).data;
  const act = useMutation({
    mutationFn: (wanted: Act) => ask(api.POST(`/api/v1/calls/{id}/recording/${wanted}`, { params: { path } })),
    onSuccess: (now: Tape) => client.setQueryData(['tape', call], now),
    onError: (error) => tellFailed(t('failure.conflict'), error),
  });
  if (!tape) return null;
  const wanted: Act = tape.state === 'recording' ? 'pause' : tape.state === 'paused' ? 'resume' : 'start';
  return (
    <>
      <Button
        size="sm"
        variant={tape.state === 'paused' ? 'filled' : 'default'}
        loading={act.isPending}
        leftSection={<Icon name={wanted === 'pause' ? 'pause' : wanted === 'resume' ? 'play' : 'mic'} size={16} />}
        onClick={() => act.mutate(wanted)}
      >
        {t(`tape.${wanted}`)}
      </Button>
      <span role="status" data-tape={tape.state}>
        <Tag tone={tape.state === 'recording' ? 'bad' : tape.state === 'paused' ? 'ring' : 'rest'}>{t(`tape.state.${tape.state}`)}</Tag>
      </span>
    </>
  );
}
