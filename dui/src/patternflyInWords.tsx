/**
 * The parts of PatternFly that say something of their own: here they say it in the page's language. Those that not
 * every view has are in files of their own, as a file is loaded as a whole.
 */

import { Alert as PlainAlert, type AlertProps } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { Button as PlainButton, type ButtonProps } from '@patternfly/react-core/dist/dynamic/components/Button';
import { HelperTextItem as PlainHelperTextItem, type HelperTextItemProps } from '@patternfly/react-core/dist/dynamic/components/HelperText';
import { Spinner as PlainSpinner, type SpinnerProps } from '@patternfly/react-core/dist/dynamic/components/Spinner';
import { WORDS } from './patternflyWords';
import { say } from './words/language';

export function Alert(props: AlertProps) {
  return <PlainAlert variantLabel={say(WORDS).kinds[props.variant ?? 'custom']} {...props} />;
}

/** While it waits for what it began it does nothing, but keeps the keyboard's focus. */
export function Button({ isDisabled, ...props }: ButtonProps) {
  const { loading } = say(WORDS);
  const off = props.isLoading ? { isAriaDisabled: isDisabled } : { isDisabled };
  return <PlainButton spinnerAriaLabel={loading} spinnerAriaValueText={loading} {...off} {...props} />;
}

export function Spinner(props: SpinnerProps) {
  const { loading } = say(WORDS);
  return <PlainSpinner aria-label={loading} aria-valuetext={loading} {...props} />;
}

export function HelperTextItem(props: HelperTextItemProps) {
  return <PlainHelperTextItem screenReaderText={say(WORDS).wrong} {...props} />;
}
