/** From when on a figure of the wallboard warns, kept on the machine that drives the screen. */
import { ActionIcon, NumberInput, Popover, SimpleGrid, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import { TARGET_S } from './hour';

export interface Limits {
  /** Callers waiting. */
  waiting: [warn: number, bad: number];
  /** The oldest wait, in seconds. */
  oldest: [warn: number, bad: number];
  /** The service level, in per cent; below it. */
  level: [warn: number, bad: number];
}

const USUAL: Limits = { waiting: [4, 11], oldest: [TARGET_S + 1, 61], level: [80, 70] };
export type Tone = 'warn' | 'bad' | undefined;

export function useLimits() {
  const [limits, setLimits] = useLocalStorage<Limits>({ key: 'ramal.wall-limits', defaultValue: USUAL, getInitialValueInEffect: false });
  return { limits, setLimits };
}

/** A figure that warns as it grows. */
export function above(value: number, [warn, bad]: [number, number]): Tone {
  return value >= bad ? 'bad' : value >= warn ? 'warn' : undefined;
}

/** A figure that warns as it falls. */
export function below(value: number, [warn, bad]: [number, number]): Tone {
  return value < bad ? 'bad' : value < warn ? 'warn' : undefined;
}

export function LimitsEditor({ limits, onChange }: { limits: Limits; onChange: (limits: Limits) => void }) {
  const { t } = useTranslation();
  const names: Record<keyof Limits, string> = { waiting: t('wall.waiting'), oldest: `${t('wall.oldest')} (s)`, level: `${t('wall.level')} (%)` };
  return (
    <Popover width={320} position="bottom-end" trapFocus withinPortal={false}>
      <Popover.Target>
        <ActionIcon variant="default" size="lg" aria-label={t('limit.title')}>
          <Icon name="settings" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Text fw={600}>{t('limit.title')}</Text>
        <Text size="sm" className="quiet" mb="xs">
          {t('limit.hint')}
        </Text>
        <SimpleGrid cols={2} spacing="xs">
          {(Object.keys(names) as (keyof Limits)[]).flatMap((name) =>
            (['warn', 'bad'] as const).map((grade, place) => (
              <NumberInput
                key={`${name}-${grade}`}
                size="xs"
                min={0}
                max={9999}
                label={`${names[name]}: ${t(`limit.${grade}`)}`}
                value={limits[name][place]}
                onChange={(value) => {
                  const pair: [number, number] = [...limits[name]];
                  pair[place] = Number(value) || 0;
                  onChange({ ...limits, [name]: pair });
                }}
              />
            )),
          )}
        </SimpleGrid>
      </Popover.Dropdown>
    </Popover>
  );
}
