package data

import (
	"strings"
	"time"
	"unicode"
)

// monthNames are the months' names in other languages, beside those that begin like the English ones, by the English month.
const monthNames = `
	January januar jan janvier janv enero ene gennaio gen januari janeiro jänner jaenner
	February februar feb février fevrier févr fevr febrero febbraio februari fevereiro fev feber
	March märz maerz mär mrz mars marzo mar maart mrt março marco
	April april apr avril avr abril abr aprile
	May mai mayo may maggio mag mei maj maio
	June juni jun juin junio giugno giu junho
	July juli jul juillet juil julio luglio lug julho
	August august aug août aout agosto ago augustus augusti
	September september sept sep septembre septiembre settembre set setembro
	October oktober okt octobre oct octubre ottobre ott outubro out
	November november nov novembre noviembre novembro
	December dezember dez décembre decembre déc dec diciembre dic dicembre december dezembro`

// months has the English month for each of these names.
var months = func() map[string]string {
	all := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(monthNames), "\n") {
		names := strings.Fields(line)
		for _, name := range names {
			all[strings.ToLower(name)] = names[0]
		}
	}
	return all
}()

// weekdays has the English day for each of the names that other languages have for the days of the week.
var weekdays = func() map[string]string {
	all := map[string]string{}
	for _, week := range []string{
		"sonntag montag dienstag mittwoch donnerstag freitag samstag", "dimanche lundi mardi mercredi jeudi vendredi samedi",
		"domingo lunes martes miércoles jueves viernes sábado", "domenica lunedì martedì mercoledì giovedì venerdì sabato",
		"zondag maandag dinsdag woensdag donderdag vrijdag zaterdag",
	} {
		for i, name := range strings.Fields(week) {
			all[name] = time.Weekday(i).String()
		}
	}
	return all
}()

// inEnglish writes a date's month, and its day of the week, in English, as long as the layout has them, and takes out what other
// languages put between: "19 de julio de 2022" is "19 July 2022".
func inEnglish(cell, layout string) string {
	if len(cell) > 40 || !strings.ContainsAny(cell, "0123456789") {
		return cell
	}
	words := strings.FieldsFunc(cell, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, word := range words {
		lower := strings.ToLower(word)
		switch month := months[lower]; {
		case month != "" && strings.Contains(layout, "January"):
			cell = strings.Replace(strings.Replace(cell, word+".", word, 1), word, month, 1)
		case month != "" && !strings.EqualFold(word, month): // a whole English name is of the other layouts
			cell = strings.Replace(strings.Replace(cell, word+".", word, 1), word, month[:3], 1)
		case lower == "de" || lower == "of":
			cell = strings.Replace(cell, word+" ", "", 1)
		case weekdays[lower] != "":
			cell = strings.Replace(cell, word, weekdays[lower], 1)
		}
	}
	return cell
}
