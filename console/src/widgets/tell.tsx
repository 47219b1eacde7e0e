import { notifications } from '@mantine/notifications';
import { Icon } from './Icon';

/** A word at the edge of the page: it went well. */
export function tellDone(message: string): void {
  notifications.show({ message, color: 'ramal', icon: <Icon name="check" size={16} />, autoClose: 3500 });
}

/** It did not; stays until read. */
export function tellFailed(title: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  notifications.show({ title, message, color: 'red', icon: <Icon name="alert" size={16} />, autoClose: 9000 });
}
