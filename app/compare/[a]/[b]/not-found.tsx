export { default, metadata } from '../../../r/[run_id]/not-found.tsx'
