package main

import (
	"os"

	"go.uber.org/zap"

	"tuned/job"
	"tuned/plugins/builtin"
	"tuned/plugins/host"
	"tuned/plugins/python"
	"tuned/trainer/model"
)

// catalog knows the built-in architectures and those that were installed.
func catalog() (*host.Catalog, error) {
	home, err := host.Home()
	if err != nil {
		return nil, err
	}
	c := host.NewCatalog(home, builtin.Names(), builtin.Lookup)
	c.Accept = func(m model.Manifest) error { return checkItsRules(c, m) }
	return c, nil
}

// checkItsRules refuses an architecture whose rules no job could run by.
func checkItsRules(c *host.Catalog, m model.Manifest) error {
	_, err := job.Rulebook(m, c.Names(), job.Rules{})
	return err
}

// providePython gives the catalog the package that programs in Python import, for those that are not installed yet.
func providePython(c *host.Catalog) error {
	home, err := host.Home()
	if err != nil {
		return err
	}
	c.PythonLibrary, err = python.Library(home)
	return err
}

// architectures are those that jobs can name, each started in a process of its own.
func architectures() (job.Architectures, error) {
	c, err := catalog()
	if err != nil {
		return nil, err
	}
	return job.Hosted(c, logger()), nil
}

// logger writes what architectures print to the standard error where TUNED_LOG is set, and nowhere otherwise.
func logger() *zap.Logger {
	if os.Getenv("TUNED_LOG") == "" {
		return zap.NewNop()
	}
	log, err := zap.NewDevelopment()
	if err != nil {
		return zap.NewNop()
	}
	return log
}
