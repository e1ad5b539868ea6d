// Package chaos holds the test that kills: the daemon, attempts, architectures and all of them, at random times and at
// every failpoint, over and over, while jobs are submitted and run. Afterwards no accepted job may be lost, none finished
// twice, and every model must have the bits of an undisturbed run.
//
// `make chaos` kills 300 times; CHAOS=short, which tests run, a few.
package chaos
