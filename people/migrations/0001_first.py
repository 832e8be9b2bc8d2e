import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import foundation.encryption
import foundation.first_tables
import foundation.ids
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('people', '0001_initial'), ('people', '0002_waits_that_hold'), ('people', '0003_who_is_who'), ('people', '0004_person_placed_and_phone_endings'), ('people', '0005_language_of_a_customer'), ('people', '0006_promotion_stopped')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        foundation.first_tables.CreateTogether(
            models=[
                migrations.CreateModel(
                    name='DutyRoster',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=64, unique=True, verbose_name='name')),
                        ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leads_rosters', to='people.staffmember', verbose_name='shift lead')),
                    ],
                    options={
                        'verbose_name': 'duty roster',
                        'verbose_name_plural': 'duty rosters',
                    },
                ),
                migrations.CreateModel(
                    name='Identity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('account', models.CharField(max_length=64, verbose_name='account')),
                        ('external_id', models.CharField(max_length=128, verbose_name='external id')),
                        ('certainty', models.CharField(choices=[('verified', 'Verified'), ('candidate', 'Candidate'), ('conflict', 'Conflict'), ('unknown', 'Unknown')], default='unknown', max_length=16, verbose_name='certainty')),
                        ('display_name', models.CharField(blank=True, max_length=128, verbose_name='name in the channel')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identities', to='people.person', verbose_name='person')),
                    ],
                    options={
                        'verbose_name': 'identity',
                        'verbose_name_plural': 'identities',
                        'constraints': [models.UniqueConstraint(fields=('account', 'external_id'), name='an_external_id_is_one_identity_per_account')],
                    },
                ),
                migrations.CreateModel(
                    name='Partner',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=128, unique=True, verbose_name='name')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                    ],
                    options={
                        'verbose_name': 'partner',
                        'verbose_name_plural': 'partners',
                    },
                ),
                migrations.CreateModel(
                    name='Tag',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=32, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'tag',
                        'verbose_name_plural': 'tags',
                    },
                ),
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=64, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'team',
                        'verbose_name_plural': 'teams',
                    },
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                        ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                        ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                        ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                        ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                        ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                        ('display_name', models.CharField(blank=True, max_length=64, verbose_name='name')),
                        ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'verbose_name': 'user',
                        'verbose_name_plural': 'users',
                        'abstract': False,
                    },
                    managers=[
                        ('objects', django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name='Customer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=128, verbose_name='name')),
                        ('phone', foundation.encryption.EncryptedTextField(blank=True, default='', verbose_name='phone')),
                        ('phone_index', models.CharField(blank=True, default='', editable=False, max_length=64)),
                        ('phone_ending', models.CharField(blank=True, default='', editable=False, max_length=64)),
                        ('address', foundation.encryption.EncryptedTextField(blank=True, default='', verbose_name='address')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('language', models.CharField(choices=[('zh', 'Chinese'), ('en', 'English')], default='zh', max_length=8, verbose_name='language')),
                        ('placeholder', models.BooleanField(default=False, editable=False, verbose_name='stands for people whom nobody knows yet')),
                        ('promotion_stopped_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='no advertising since')),
                        ('promotion_stopped_why', models.CharField(blank=True, editable=False, max_length=255, verbose_name='why no advertising')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                        ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.customer', verbose_name='merged into')),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='customers', to='people.staffmember', verbose_name='owner')),
                        ('tags', models.ManyToManyField(blank=True, related_name='customers', to='people.tag', verbose_name='tags')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='people.team', verbose_name='team')),
                    ],
                    options={
                        'verbose_name': 'customer',
                        'verbose_name_plural': 'customers',
                        'indexes': [models.Index(fields=['phone_index'], name='customer_by_phone'), models.Index(fields=['phone_ending'], name='customer_by_phone_ending')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('placeholder', True)), fields=('placeholder',), name='one_customer_stands_for_the_unknown')],
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalPartner',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('public_id', models.UUIDField(db_index=True, default=foundation.ids.uuid7, editable=False)),
                        ('name', models.CharField(db_index=True, max_length=128, verbose_name='name')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical partner',
                        'verbose_name_plural': 'historical partners',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='Person',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=128, verbose_name='name')),
                        ('side', models.CharField(choices=[('customer', 'Customer'), ('internal', 'Our people'), ('partner', 'Partner'), ('unknown', 'Unknown')], default='unknown', max_length=16, verbose_name='side')),
                        ('in_wecom', models.BooleanField(default=True, verbose_name='in WeCom')),
                        ('relation', models.CharField(blank=True, max_length=32, verbose_name='relation to the contact')),
                        ('coordinates_only', models.BooleanField(default=False, verbose_name='only coordinates')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='people.customer', verbose_name='customer')),
                        ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person', verbose_name='merged into')),
                        ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='people.partner', verbose_name='partner')),
                        ('staff', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='person', to='people.staffmember', verbose_name='staff member')),
                    ],
                    options={
                        'verbose_name': 'person',
                        'verbose_name_plural': 'people',
                    },
                ),
                migrations.CreateModel(
                    name='PartyChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('what', models.CharField(choices=[('customers_merged', 'Customers merged'), ('people_merged', 'People merged'), ('identity_confirmed', 'Identity confirmed'), ('identity_rejected', 'Identity rejected: somebody else'), ('person_placed', 'Person put on another side or to another customer'), ('identity_assigned', 'Identity given to another person')], max_length=24, verbose_name='decision')),
                        ('before', models.JSONField(default=dict)),
                        ('moved', models.JSONField(default=list)),
                        ('dropped', models.TextField(blank=True)),
                        ('reason', models.CharField(max_length=255, verbose_name='reason')),
                        ('actor', models.JSONField(default=dict)),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
                        ('undone_by', models.JSONField(blank=True, default=dict)),
                        ('undone_reason', models.CharField(blank=True, max_length=255, verbose_name='why undone')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='people.customer', verbose_name='customer')),
                        ('identity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='people.identity', verbose_name='identity')),
                        ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='people.person', verbose_name='person')),
                    ],
                    options={
                        'verbose_name': 'decision about who is who',
                        'verbose_name_plural': 'decisions about who is who',
                        'ordering': ('-at', '-pk'),
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalIdentity',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('account', models.CharField(max_length=64, verbose_name='account')),
                        ('external_id', models.CharField(max_length=128, verbose_name='external id')),
                        ('certainty', models.CharField(choices=[('verified', 'Verified'), ('candidate', 'Candidate'), ('conflict', 'Conflict'), ('unknown', 'Unknown')], default='unknown', max_length=16, verbose_name='certainty')),
                        ('display_name', models.CharField(blank=True, max_length=128, verbose_name='name in the channel')),
                        ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created at')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='person')),
                    ],
                    options={
                        'verbose_name': 'historical identity',
                        'verbose_name_plural': 'historical identities',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='StaffMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)),
                        ('name', models.CharField(max_length=64, verbose_name='name')),
                        ('is_supervisor', models.BooleanField(default=False, verbose_name='supervisor')),
                        ('visibility', models.CharField(choices=[('own', 'Own only'), ('team', 'Own team'), ('all', 'Everything')], default='all', max_length=8, verbose_name='sees')),
                        ('on_duty', models.BooleanField(default=True, verbose_name='on duty')),
                        ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left at')),
                        ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='staff', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='members', to='people.team', verbose_name='team')),
                    ],
                    options={
                        'verbose_name': 'staff member',
                        'verbose_name_plural': 'staff members',
                    },
                ),
                migrations.CreateModel(
                    name='Shift',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('starts_at', models.DateTimeField(verbose_name='from')),
                        ('ends_at', models.DateTimeField(verbose_name='until')),
                        ('roster', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='people.dutyroster')),
                        ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='people.staffmember', verbose_name='staff member')),
                    ],
                    options={
                        'verbose_name': 'shift',
                        'verbose_name_plural': 'shifts',
                        'indexes': [models.Index(fields=['staff', 'ends_at'], name='shift_by_staff')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='a_shift_ends_later')],
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalPerson',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('public_id', models.UUIDField(db_index=True, default=foundation.ids.uuid7, editable=False)),
                        ('name', models.CharField(max_length=128, verbose_name='name')),
                        ('side', models.CharField(choices=[('customer', 'Customer'), ('internal', 'Our people'), ('partner', 'Partner'), ('unknown', 'Unknown')], default='unknown', max_length=16, verbose_name='side')),
                        ('in_wecom', models.BooleanField(default=True, verbose_name='in WeCom')),
                        ('relation', models.CharField(blank=True, max_length=32, verbose_name='relation to the contact')),
                        ('coordinates_only', models.BooleanField(default=False, verbose_name='only coordinates')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.customer', verbose_name='customer')),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.partner', verbose_name='partner')),
                        ('merged_into', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='merged into')),
                        ('staff', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.staffmember', verbose_name='staff member')),
                    ],
                    options={
                        'verbose_name': 'historical person',
                        'verbose_name_plural': 'historical people',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='HistoricalCustomer',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('public_id', models.UUIDField(db_index=True, default=foundation.ids.uuid7, editable=False)),
                        ('name', models.CharField(max_length=128, verbose_name='name')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('language', models.CharField(choices=[('zh', 'Chinese'), ('en', 'English')], default='zh', max_length=8, verbose_name='language')),
                        ('placeholder', models.BooleanField(default=False, editable=False, verbose_name='stands for people whom nobody knows yet')),
                        ('promotion_stopped_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='no advertising since')),
                        ('promotion_stopped_why', models.CharField(blank=True, editable=False, max_length=255, verbose_name='why no advertising')),
                        ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created at')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('merged_into', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.customer', verbose_name='merged into')),
                        ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.staffmember', verbose_name='owner')),
                        ('team', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.team', verbose_name='team')),
                    ],
                    options={
                        'verbose_name': 'historical customer',
                        'verbose_name_plural': 'historical customers',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
            ],
        ),
    ]
