package main

import (
	"context"
	"net/url"

	"github.com/spf13/cobra"

	"tuned/daemon/client"
	"tuned/job"
	"tuned/words"
)

const explainHelp = `Says why each setting of a run has its value: the sentence, the rule, and where the rule comes from. With a SETTING,
also the facts that it rests on, what each of them means, and what else it led to. It works on runs that are not finished, too.`

func newExplain(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "explain RUN [SETTING]", Short: "Say why each setting of a run has its value", Long: explainHelp,
		Example: "  tuned explain runs/digits-1a2b3c4d\n  tuned explain runs/digits-1a2b3c4d batch_size",
		Args:    args(cobra.RangeArgs(1, 2)),
		RunE: func(c *cobra.Command, given []string) error {
			if isJob(given[0]) {
				return explainJob(c.Context(), s, given)
			}
			story, err := job.ReadStory(given[0])
			if err != nil {
				return err
			}
			if len(given) == 2 {
				return story.ExplainSetting(s.out, given[1])
			}
			return story.Explain(s.out)
		},
		ValidArgsFunction: completeSettings,
	}
}

// explainJob explains a job of the daemon's.
func explainJob(ctx context.Context, s streams, given []string) error {
	d, err := dial()
	if err != nil {
		return err
	}
	defer d.Close()
	path := client.JobPath(given[0], "explain")
	if len(given) == 2 {
		path += "?setting=" + url.QueryEscape(given[1])
	}
	return absent(d.Copy(ctx, path, s.out))
}

// completeSettings offers the settings that the run named before decided.
func completeSettings(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(given) != 1 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	story, err := job.ReadStory(given[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, d := range story.Decisions {
		names = append(names, cobra.CompletionWithDesc(d.Setting, words.Quantity(d.Value, d.Unit)))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
