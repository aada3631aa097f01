export { ConsoleLayout as default } from '#app/console-layout.tsx'
