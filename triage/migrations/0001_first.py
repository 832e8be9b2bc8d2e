import django.core.validators
import django.db.models.deletion
import foundation.encryption
import foundation.first_tables
import foundation.ids
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('triage', '0001_initial'), ('triage', '0002_language_model'), ('triage', '0003_progress_questions'), ('triage', '0004_language_model_words'), ('triage', '0005_learning_from_the_team'), ('triage', '0006_names_of_columns')]

    initial = True

    dependencies = [
        ('cases', '0001_first'),
        ('conversations', '0001_first'),
        ('people', '0001_first'),
    ]

    operations = [
        foundation.first_tables.CreateTogether(
            models=[
                migrations.CreateModel(
                    name='LlmAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=64, unique=True)),
                        ('answer', foundation.encryption.EncryptedTextField()),
                        ('made_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField(db_index=True)),
                    ],
                    options={
                        'verbose_name': 'answer of the language model',
                        'verbose_name_plural': 'answers of the language model',
                    },
                ),
                migrations.CreateModel(
                    name='LlmCall',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_index=True, verbose_name='at')),
                        ('step', models.CharField(max_length=16, verbose_name='step')),
                        ('outcome', models.CharField(max_length=16, verbose_name='outcome')),
                        ('code', models.CharField(blank=True, max_length=24, verbose_name='why not')),
                        ('detail', models.CharField(blank=True, max_length=255, verbose_name='in detail')),
                        ('tries', models.PositiveSmallIntegerField(default=1, verbose_name='tries')),
                        ('milliseconds', models.PositiveIntegerField(default=0, verbose_name='milliseconds')),
                        ('tokens', models.PositiveIntegerField(default=0, verbose_name='tokens used')),
                        ('prompt', models.CharField(max_length=48, verbose_name='prompt')),
                        ('model', models.CharField(max_length=128, verbose_name='model')),
                    ],
                    options={
                        'verbose_name': 'question to the language model',
                        'verbose_name_plural': 'questions to the language model',
                    },
                ),
                migrations.CreateModel(
                    name='LlmDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(unique=True, verbose_name='day')),
                        ('calls', models.PositiveIntegerField(default=0, verbose_name='calls')),
                        ('tokens', models.PositiveBigIntegerField(default=0, verbose_name='tokens used')),
                        ('reserved', models.PositiveBigIntegerField(default=0, verbose_name='tokens set aside')),
                        ('hits', models.PositiveIntegerField(default=0, verbose_name='answered from the cache')),
                    ],
                    options={
                        'verbose_name': 'day of the language model',
                        'verbose_name_plural': 'days of the language model',
                    },
                ),
                migrations.CreateModel(
                    name='Decision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('mode', models.CharField(choices=[('send', 'Sent by rule'), ('review', 'Held for review'), ('record', 'Recorded')], max_length=8, verbose_name='outcome')),
                        ('intent', models.CharField(max_length=32, verbose_name='intent')),
                        ('business_class', models.CharField(max_length=16, verbose_name='business class')),
                        ('service_context', models.CharField(max_length=32, verbose_name='service context')),
                        ('risk_topics', models.JSONField(default=list, verbose_name='risk topics')),
                        ('alerts', models.JSONField(default=list, verbose_name='alerts')),
                        ('reasons', models.JSONField(default=list, verbose_name='reasons')),
                        ('confidence', models.JSONField(default=dict, verbose_name='certainty')),
                        ('engine', models.CharField(max_length=32, verbose_name='engine')),
                        ('engine_version', models.CharField(max_length=160, verbose_name='engine version')),
                        ('engine_notes', models.JSONField(blank=True, default=list, verbose_name='what became of asking outside')),
                        ('fallback', models.CharField(blank=True, max_length=24, verbose_name='why the local engine stood in')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='cases.servicecase', verbose_name='case')),
                        ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='conversations.conversation', verbose_name='conversation')),
                        ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='conversations.message', verbose_name='message')),
                        ('wait', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='cases.waitingitem', verbose_name='waiting item')),
                    ],
                    options={
                        'verbose_name': 'decision',
                        'verbose_name_plural': 'decisions',
                        'indexes': [models.Index(condition=models.Q(('intent', 'asks_progress')), fields=['at'], name='decision_progress')],
                    },
                ),
                migrations.CreateModel(
                    name='DecisionLabel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('kind', models.CharField(choices=[('confirmed', 'Confirmed'), ('corrected', 'Corrected')], max_length=16, verbose_name='verdict')),
                        ('origin', models.CharField(choices=[('form', 'Said on the page'), ('verdict', 'By the verdict on a draft')], max_length=16, verbose_name='how')),
                        ('labels', models.JSONField(default=dict, verbose_name='labels')),
                        ('actor', models.JSONField(default=dict)),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staffmember', verbose_name='by')),
                        ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='triage.decision', verbose_name='decision')),
                    ],
                    options={
                        'verbose_name': 'label of a decision',
                        'verbose_name_plural': 'labels of decisions',
                        'ordering': ['id'],
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalLearningPolicy',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('keep_examples', models.BooleanField(default=False, help_text='Messages whose understanding a person confirms or corrects are kept for training, with names, numbers and addresses masked. Off: only the labels are noted, no words.', verbose_name='keep examples')),
                        ('note', models.CharField(blank=True, help_text='Who agreed to it and when, for whoever asks later.', max_length=255, verbose_name='on what ground')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical learning from the team',
                        'verbose_name_plural': 'historical learning from the team',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='HistoricalLlmPolicy',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('enabled', models.BooleanField(default=True, help_text='Off: the local engine answers everything, at once.', verbose_name='ask the language model')),
                        ('calls_per_day', models.PositiveIntegerField(default=2000, help_text='When they are used up, the local engine answers until midnight.', verbose_name='calls a day')),
                        ('tokens_per_day', models.PositiveBigIntegerField(default=2000000, verbose_name='tokens in a day')),
                        ('timeout_seconds', models.PositiveSmallIntegerField(default=20, help_text='For one question, further tries included.', validators=[django.core.validators.MinValueValidator(3), django.core.validators.MaxValueValidator(30)], verbose_name='longest wait in seconds')),
                        ('cache_hours', models.PositiveSmallIntegerField(default=24, help_text='The same question is not asked twice in this time; 0 keeps nothing.', validators=[django.core.validators.MaxValueValidator(720)], verbose_name='keep answers for hours')),
                        ('mask_personal_data', models.BooleanField(default=True, help_text='Names, phones, addresses, order numbers and the like are replaced before anything leaves this machine. Switch it off only for a model that runs in your own house.', verbose_name='mask personal data')),
                        ('wording', models.CharField(choices=[('off', 'Templates only'), ('reviewed', 'The language model, where a person reviews'), ('all', 'The language model, also in texts that go by themselves')], default='reviewed', max_length=16, verbose_name='wording of drafts')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical language model',
                        'verbose_name_plural': 'historical language model',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='HistoricalModelCandidate',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('public_id', models.UUIDField(db_index=True, default=foundation.ids.uuid7, editable=False)),
                        ('version', models.CharField(max_length=32, verbose_name='version')),
                        ('file', models.TextField(max_length=100, verbose_name='file')),
                        ('sha256', models.CharField(editable=False, max_length=64)),
                        ('made_at', models.DateTimeField(verbose_name='made at')),
                        ('compared_with', models.CharField(max_length=48, verbose_name='compared with')),
                        ('rows', models.PositiveIntegerField(verbose_name='rows')),
                        ('examples', models.PositiveIntegerField(verbose_name='examples of the team')),
                        ('figures', models.JSONField(default=dict, verbose_name='figures')),
                        ('is_active', models.BooleanField(default=False, editable=False, verbose_name='in use')),
                        ('switched_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='switched at')),
                        ('switched_by', models.CharField(blank=True, editable=False, max_length=64, verbose_name='switched by')),
                        ('reason', models.CharField(blank=True, max_length=255, verbose_name='why')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical trained model',
                        'verbose_name_plural': 'historical trained models',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='LabelledExample',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('kind', models.CharField(choices=[('confirmed', 'Confirmed'), ('corrected', 'Corrected')], max_length=16, verbose_name='verdict')),
                        ('row', models.JSONField(default=dict, verbose_name='example')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='removed at')),
                        ('removed_by', models.CharField(blank=True, max_length=64, verbose_name='removed by')),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staffmember', verbose_name='by')),
                        ('decision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='example', to='triage.decision', verbose_name='decision')),
                    ],
                    options={
                        'verbose_name': 'labelled example',
                        'verbose_name_plural': 'labelled examples',
                        'permissions': [('label_decision', 'Can confirm or correct what was understood')],
                    },
                ),
                migrations.CreateModel(
                    name='LearningPolicy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('keep_examples', models.BooleanField(default=False, help_text='Messages whose understanding a person confirms or corrects are kept for training, with names, numbers and addresses masked. Off: only the labels are noted, no words.', verbose_name='keep examples')),
                        ('note', models.CharField(blank=True, help_text='Who agreed to it and when, for whoever asks later.', max_length=255, verbose_name='on what ground')),
                    ],
                    options={
                        'verbose_name': 'learning from the team',
                        'verbose_name_plural': 'learning from the team',
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='there_is_one_learning_policy')],
                    },
                ),
                migrations.CreateModel(
                    name='LlmPolicy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('enabled', models.BooleanField(default=True, help_text='Off: the local engine answers everything, at once.', verbose_name='ask the language model')),
                        ('calls_per_day', models.PositiveIntegerField(default=2000, help_text='When they are used up, the local engine answers until midnight.', verbose_name='calls a day')),
                        ('tokens_per_day', models.PositiveBigIntegerField(default=2000000, verbose_name='tokens in a day')),
                        ('timeout_seconds', models.PositiveSmallIntegerField(default=20, help_text='For one question, further tries included.', validators=[django.core.validators.MinValueValidator(3), django.core.validators.MaxValueValidator(30)], verbose_name='longest wait in seconds')),
                        ('cache_hours', models.PositiveSmallIntegerField(default=24, help_text='The same question is not asked twice in this time; 0 keeps nothing.', validators=[django.core.validators.MaxValueValidator(720)], verbose_name='keep answers for hours')),
                        ('mask_personal_data', models.BooleanField(default=True, help_text='Names, phones, addresses, order numbers and the like are replaced before anything leaves this machine. Switch it off only for a model that runs in your own house.', verbose_name='mask personal data')),
                        ('wording', models.CharField(choices=[('off', 'Templates only'), ('reviewed', 'The language model, where a person reviews'), ('all', 'The language model, also in texts that go by themselves')], default='reviewed', max_length=16, verbose_name='wording of drafts')),
                    ],
                    options={
                        'verbose_name': 'language model',
                        'verbose_name_plural': 'language model',
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='there_is_one_language_model_policy')],
                    },
                ),
                migrations.CreateModel(
                    name='ModelCandidate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('version', models.CharField(max_length=32, verbose_name='version')),
                        ('file', models.FileField(upload_to='models/', verbose_name='file')),
                        ('sha256', models.CharField(editable=False, max_length=64)),
                        ('made_at', models.DateTimeField(verbose_name='made at')),
                        ('compared_with', models.CharField(max_length=48, verbose_name='compared with')),
                        ('rows', models.PositiveIntegerField(verbose_name='rows')),
                        ('examples', models.PositiveIntegerField(verbose_name='examples of the team')),
                        ('figures', models.JSONField(default=dict, verbose_name='figures')),
                        ('is_active', models.BooleanField(default=False, editable=False, verbose_name='in use')),
                        ('switched_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='switched at')),
                        ('switched_by', models.CharField(blank=True, editable=False, max_length=64, verbose_name='switched by')),
                        ('reason', models.CharField(blank=True, max_length=255, verbose_name='why')),
                    ],
                    options={
                        'verbose_name': 'trained model',
                        'verbose_name_plural': 'trained models',
                        'permissions': [('switch_model', 'Can switch the model that reads messages')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('is_active',), name='one_trained_model_is_in_use')],
                    },
                ),
                migrations.CreateModel(
                    name='Statement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                        ('text', models.TextField(verbose_name='text')),
                        ('intent', models.CharField(max_length=32, verbose_name='intent')),
                        ('risk_topics', models.JSONField(default=list, verbose_name='risk topics')),
                        ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.servicecase')),
                        ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='triage.decision')),
                        ('wait', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.waitingitem')),
                    ],
                    options={
                        'verbose_name': 'statement',
                        'verbose_name_plural': 'statements',
                        'constraints': [models.UniqueConstraint(fields=('decision', 'number'), name='statements_are_numbered')],
                    },
                ),
            ],
        ),
    ]
