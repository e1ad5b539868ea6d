# Writes the data sets of tables.tsv, which come with R packages, as folders that the bench reads: Rscript export.R FOLDER.
# Rows without a target are left out. A target that is a factor, or has two values, is one of classes.

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
folder <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(folder)) stop("want a folder to write to: Rscript export.R FOLDER")

# The data set an R package calls object; data() may know it by another name, that of the file that holds it.
fetch <- function(package, object) {
  items <- data(package = package)$results[, "Item"]
  file <- sub("^.*\\((.*)\\)$", "\\1", items[sub(" .*", "", items) == object])
  space <- new.env()
  suppressWarnings(data(list = c(file, object)[1], package = package, envir = space))
  held <- exists(object, envir = space, inherits = FALSE)
  as.data.frame(if (held) get(object, envir = space) else getExportedValue(package, object))
}

is_category <- function(column) is.factor(column) || is.character(column) || is.logical(column)

source_toml <- function(t, frame) {
  target <- frame[[t$target]]
  inputs <- frame[names(frame) != t$target]
  classes <- is_category(target) || length(unique(target)) == 2
  categories <- names(inputs)[vapply(inputs, is_category, TRUE)]
  c(
    sprintf("name = \"%s\"", t$name),
    "modality = \"tabular\"",
    sprintf("task = \"%s\"", if (classes) "classification" else "regression"),
    sprintf("target = \"%s\"", t$target),
    sprintf("n_rows = %d", nrow(frame)),
    sprintf("n_features = %d", ncol(inputs)),
    sprintf("n_classes = %d", if (classes) length(unique(target)) else 0L),
    sprintf("categorical_columns = [%s]", paste(sprintf("\"%s\"", categories), collapse = ", ")),
    sprintf("missing_cells = %d", sum(is.na(inputs))),
    sprintf("citation = \"R package %s %s, data set %s\"", t$package, packageVersion(t$package), t$object)
  )
}

export <- function(t) {
  frame <- fetch(t$package, t$object)
  frame <- frame[!is.na(frame[[t$target]]), !(names(frame) %in% strsplit(t$dropped, ",")[[1]])]
  into <- file.path(folder, t$name)
  dir.create(into, recursive = TRUE, showWarnings = FALSE)
  table <- gzfile(file.path(into, "data.csv.gz"), "w")
  write.csv(frame, table, row.names = FALSE, na = "")
  close(table)
  writeLines(source_toml(t, frame), file.path(into, "source.toml"))
}

tables <- read.delim(file.path(here, "tables.tsv"), colClasses = "character", na.strings = NULL)
for (i in seq_len(nrow(tables))) export(tables[i, ])
cat(nrow(tables), "data sets in", folder, "\n")
