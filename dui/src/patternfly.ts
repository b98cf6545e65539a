/** The parts of PatternFly that this page uses: its own index would bring along every component's styles. */

export { AlertActionLink } from '@patternfly/react-core/dist/dynamic/components/Alert';
export { Card, CardBody, CardHeader, CardTitle } from '@patternfly/react-core/dist/dynamic/components/Card';
export { Checkbox } from '@patternfly/react-core/dist/dynamic/components/Checkbox';
export { EmptyState, EmptyStateBody } from '@patternfly/react-core/dist/dynamic/components/EmptyState';
export { FormGroup, FormHelperText } from '@patternfly/react-core/dist/dynamic/components/Form';
export { FormSelect, FormSelectOption } from '@patternfly/react-core/dist/dynamic/components/FormSelect';
export { HelperText } from '@patternfly/react-core/dist/dynamic/components/HelperText';
export { Label } from '@patternfly/react-core/dist/dynamic/components/Label';
export { ModalBody, ModalFooter } from '@patternfly/react-core/dist/dynamic/components/Modal';
export { SkipToContent } from '@patternfly/react-core/dist/dynamic/components/SkipToContent';
export { Switch } from '@patternfly/react-core/dist/dynamic/components/Switch';
export { TextArea } from '@patternfly/react-core/dist/dynamic/components/TextArea';
export { TextInput } from '@patternfly/react-core/dist/dynamic/components/TextInput';
export { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
export { Modal, ModalHeader } from './modalInWords';
export { Alert, Button, HelperTextItem, Spinner } from './patternflyInWords';
export { Popover } from './popoverInWords';
