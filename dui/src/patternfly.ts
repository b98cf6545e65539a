/** The parts of PatternFly that this page uses: its own index would bring along every component's styles. */

export { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
export { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
export { Card, CardBody, CardHeader, CardTitle } from '@patternfly/react-core/dist/dynamic/components/Card';
export { EmptyState, EmptyStateBody } from '@patternfly/react-core/dist/dynamic/components/EmptyState';
export { FormSelect, FormSelectOption } from '@patternfly/react-core/dist/dynamic/components/FormSelect';
export { Label } from '@patternfly/react-core/dist/dynamic/components/Label';
export { Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core/dist/dynamic/components/Modal';
export { SkipToContent } from '@patternfly/react-core/dist/dynamic/components/SkipToContent';
export { Spinner } from '@patternfly/react-core/dist/dynamic/components/Spinner';
export { TextInput } from '@patternfly/react-core/dist/dynamic/components/TextInput';
export { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
