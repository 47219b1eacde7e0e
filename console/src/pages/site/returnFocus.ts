import { useEffect, useState } from 'react';

/** For a dialog that is there only while it is open: whoever opened it has the focus again afterwards. */
export function useReturnFocus(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(() => () => void setTimeout(() => opener instanceof HTMLElement && opener.isConnected && opener.focus(), 0), [opener]);
}
