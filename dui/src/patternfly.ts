/** The parts of PatternFly that this page uses: its own index would bring along every component's styles. */

export { Alert, AlertActionLink } from '@patternfly/react-core/dist/dynamic/components/Alert';
export { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
export { Card, CardBody, CardHeader, CardTitle } from '@patternfly/react-core/dist/dynamic/components/Card';
export { Checkbox } from '@patternfly/react-core/dist/dynamic/components/Checkbox';
export { EmptyState, EmptyStateBody } from '@patternfly/react-core/dist/dynamic/components/EmptyState';
export { FormGroup, FormHelperText } from '@patternfly/react-core/dist/dynamic/components/Form';
export { FormSelect, FormSelectOption } from '@patternfly/react-core/dist/dynamic/components/FormSelect';
export { HelperText, HelperTextItem } from '@patternfly/react-core/dist/dynamic/components/HelperText';
export { Label } from '@patternfly/react-core/dist/dynamic/components/Label';
export { Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core/dist/dynamic/components/Modal';
export { Popover } from '@patternfly/react-core/dist/dynamic/components/Popover';
export { SkipToContent } from '@patternfly/react-core/dist/dynamic/components/SkipToContent';
export { Spinner } from '@patternfly/react-core/dist/dynamic/components/Spinner';
export { Switch } from '@patternfly/react-core/dist/dynamic/components/Switch';
export { TextArea } from '@patternfly/react-core/dist/dynamic/components/TextArea';
export { TextInput } from '@patternfly/react-core/dist/dynamic/components/TextInput';
export { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
